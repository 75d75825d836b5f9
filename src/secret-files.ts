import { readFileSync } from 'node:fs';

/** Variables that hold a secret. Each may be given as a file instead: `<name>_FILE` is its path, as Docker and Kubernetes mount secrets. */
export const secrets = ['DATABASE_URL', 'REDIS_URL', 'AUTH_KEYS', 'SMTP_URL', 'METRICS_TOKEN'] as const;

export type Secret = (typeof secrets)[number];

/**
 * The variables with the content of secret files in the place of their paths: without the newline that editors end a file with.
 * What is wrong is told without the path, too: somebody may have put the secret itself there.
 */
export function readSecretFiles(present: Readonly<Record<string, string>>): {
  variables: Record<string, string>;
  problems: string[];
} {
  const variables = { ...present };
  const problems: string[] = [];
  for (const name of secrets) {
    const key = `${name}_FILE`;
    const path = present[key];
    if (path === undefined) continue;
    const content = present[name] === undefined ? contentOf(path) : { problem: `${name} is set too; give one of them` };
    if ('problem' in content) problems.push(`${key}: ${content.problem}`);
    else variables[name] = content.text;
  }
  return { variables, problems };
}

function contentOf(path: string): { text: string } | { problem: string } {
  try {
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return text === '' ? { problem: 'the file is empty' } : { text };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return { problem: `the file cannot be read (${code})` };
  }
}
