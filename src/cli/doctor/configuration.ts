import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadKeys } from '../../auth/keys.ts';
import { type Config, ConfigError, readConfig } from '../../config.ts';
import { environment } from '../../environment.ts';
import type { Finding } from '../../finding.ts';
import { secrets } from '../../secret-files.ts';
import { loadPersistedOperations } from '../../server/persisted-operations.ts';
import type { Check } from './check.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const keyOf = (problem: string): string => /^[A-Z0-9_]+/.exec(problem)?.[0] ?? '';

/** Keys that say nothing when this one is wrong: a secret's and its file's, all of an issuer's. */
function wrongTogether(key: string): string[] {
  if (key.startsWith('OIDC_')) return Object.keys(environment.shape).filter((name) => name.startsWith('OIDC_'));
  const name = key.replace(/_FILE$/, '');
  return secrets.some((secret) => secret === name) ? [name, `${name}_FILE`] : [key];
}

/** How to make a key set, as the README says it. */
const makeKeys = `node -e "const {generateKeyPairSync:g}=require('crypto');console.log(JSON.stringify({keys:[g('ed25519').privateKey.export({format:'jwk'})]}))"`;

function toFinding(problem: string): Finding {
  const key = keyOf(problem);
  const meaning = Object.entries(environment.shape).find(([name]) => name === key)?.[1].description;
  const missing = problem.includes('required in production');
  return {
    code: missing ? 'CONFIGURATION_MISSING' : 'CONFIGURATION_INVALID',
    problem,
    remedy: [
      missing ? `Set ${key}.` : `Correct ${key}, or leave it out.`,
      ...(meaning === undefined ? [] : [`${meaning}.`]),
      ...(missing ? [`${key}_FILE may name a file that holds it.`] : []),
      ...(key === 'AUTH_KEYS' ? [`A new set: ${makeKeys}`] : []),
    ].join(' '),
  };
}

/** The problems of an environment, and the configuration that is left of it when the keys that are wrong are left out. */
function readWhatIsRight(env: Environment): { config: Config; problems: readonly string[] } {
  try {
    return { config: readConfig(env), problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const wrong = new Set(['NODE_ENV', ...error.problems.flatMap((problem) => wrongTogether(keyOf(problem)))]);
    const right = Object.entries(env).filter(([key]) => !wrong.has(key));
    return { config: readConfig(Object.fromEntries(right)), problems: error.problems };
  }
}

async function problemsOf(read: () => Promise<unknown>): Promise<readonly string[]> {
  try {
    await read();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** What is wrong with the files and sets that the configuration names. */
async function contentProblems({ auth: { keys }, dataDir, persistedOperations }: Config): Promise<readonly string[]> {
  // Without either, the first start makes a key: not the doctor's to do.
  const hasKeys = keys !== null || existsSync(join(dataDir, 'auth-keys.json'));
  return [
    ...(hasKeys ? await problemsOf(() => loadKeys({ keys, dataDir })) : []),
    ...(await problemsOf(() => loadPersistedOperations(persistedOperations))),
  ];
}

/** The environment, and the configuration to look at everything else with. `wrong`: keys that nothing can be said about. */
export async function checkConfiguration(
  env: Environment,
): Promise<{ check: Check; config: Config; wrong: ReadonlySet<string> }> {
  const { config, problems } = readWhatIsRight(env);
  const all = [...problems, ...(await contentProblems(config))];
  const seen = env.NODE_ENV === 'production' ? 'production' : 'not production: absent parts are embedded';
  return {
    check: { part: 'configuration', seen, findings: all.map(toFinding) },
    config,
    wrong: new Set(all.flatMap((problem) => wrongTogether(keyOf(problem)))),
  };
}
