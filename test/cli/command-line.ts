import { run } from '../../src/cli/run.ts';
import { keysDirectory } from '../harness.ts';

export interface Ran {
  code: number;
  /** What it printed on standard output, and on standard error. */
  out: string;
  err: string;
}

/** Runs `ovation …argv` in this process. The environment is what is given, and the keys of the instances under test. */
export async function ovation(argv: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const lines: { out: string[]; err: string[] } = { out: [], err: [] };
  const code = await run(argv, {
    env: { DATA_DIR: keysDirectory, PORT: '0', ...env },
    print: (line) => lines.out.push(line),
    tell: (line) => lines.err.push(line),
  });
  return { code, out: lines.out.join('\n'), err: lines.err.join('\n') };
}

export interface Diagnosis {
  code: number;
  ok: boolean;
  checks: { part: string; seen: string; findings: { code: string; problem: string; remedy: string }[] }[];
  /** Codes of everything that was found. */
  found: string[];
}

/** What `ovation doctor --json` says in this environment. */
export async function diagnose(env: Record<string, string>): Promise<Diagnosis> {
  const { code, out } = await ovation(['doctor', '--json'], env);
  const report = JSON.parse(out) as Pick<Diagnosis, 'ok' | 'checks'>;
  return { code, ...report, found: report.checks.flatMap(({ findings }) => findings.map((finding) => finding.code)) };
}

/** The one thing found. Throws when it is not one. */
export async function onlyFinding(env: Record<string, string>) {
  const { code, ok, checks } = await diagnose(env);
  const findings = checks.flatMap((check) => check.findings);
  const [finding, ...more] = findings;
  if (finding === undefined || more.length > 0) throw new Error(`not one finding: ${JSON.stringify(checks, null, 2)}`);
  return { exit: code, ok, ...finding };
}
