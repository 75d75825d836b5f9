import type { Command } from './command.ts';
import type { Check } from './doctor/check.ts';
import { checkConfiguration } from './doctor/configuration.ts';
import { checkDatabase } from './doctor/database.ts';
import { checkDataDir, checkPort } from './doctor/machine.ts';
import { checkMail } from './doctor/mail.ts';
import { checkRedis } from './doctor/redis.ts';
import { checkTokenIssuer } from './doctor/token-issuer.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Every part, one fault never hiding another: what cannot be looked at because of a wrong key is said to be so. */
async function examine(env: Environment): Promise<Check[]> {
  const { check, config, wrong } = await checkConfiguration(env);
  const unless = (keys: readonly string[], part: string, look: () => Promise<Check>): Promise<Check> => {
    const fault = keys.find((key) => wrong.has(key));
    return fault === undefined ? look() : Promise.resolve({ part, seen: `not looked at: see ${fault}`, findings: [] });
  };
  const parts = await Promise.all([
    unless(['DATABASE_URL'], 'database', () => checkDatabase(config)),
    unless(['REDIS_URL'], 'redis', () => checkRedis(config)),
    unless(['SMTP_URL'], 'mail', () => checkMail(config)),
    unless(['OIDC_ISSUER', 'OIDC_JWKS_URL'], 'token issuer', () => checkTokenIssuer(config)),
    unless(['PORT', 'HOST'], 'port', () => checkPort(config)),
    unless(['DATA_DIR', 'DATABASE_URL', 'AUTH_KEYS'], 'data directory', () => checkDataDir(config)),
  ]);
  return [check, ...parts];
}

function* linesOf(checks: readonly Check[]): Generator<string> {
  for (const { part, seen, findings } of checks) {
    yield `${findings.length === 0 ? 'ok    ' : 'FAULT '} ${part.padEnd(15)} ${seen}`;
    for (const { code, problem, remedy } of findings) {
      yield `         ${code}: ${problem}`;
      yield `         -> ${remedy}`;
    }
  }
}

export const doctor: Command = {
  name: 'doctor',
  operands: [],
  options: { json: { type: 'boolean' } },
  summary: 'Looks for what is wrong with the configuration, and says what to do.',
  help: `Reads the environment as the server does and looks at every part it names: PostgreSQL (reachable, new enough, migrated, with
the rights it needs, of the same time), Redis (with the rights it needs), the mail server, the external issuer’s keys, the port
and DATA_DIR. It changes nothing, but for one count in Redis that is gone after a second. The exit code is 0 when nothing is
wrong and 1 when something is. --json prints { "ok", "checks": [{ "part", "seen", "findings": [{ "code", "problem", "remedy" }] }] }.`,
  async run({ env, options, print }) {
    const checks = await examine(env);
    const ok = checks.every(({ findings }) => findings.length === 0);
    if (options.json === true) print(JSON.stringify({ ok, checks }, null, 2));
    else for (const line of linesOf(checks)) print(line);
    return ok ? 0 : 1;
  },
};
