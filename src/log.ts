import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config.ts';

export type Log = Logger;

const secretKeys = [
  'password',
  'currentPassword',
  'newPassword',
  'email',
  'login',
  'token',
  'accessToken',
  'refreshToken',
  'idempotencyKey',
  'authorization',
  'cookie',
  'set-cookie',
].join('|');

/**
 * What gives a secret away: a key, or in a text, such as an error's, its looks. Libraries quote what they were given, and
 * PostgreSQL the row that it refused. What may begin anywhere is bounded: a long line costs no more than its length.
 */
const secrets: readonly (readonly [RegExp, string])[] = [
  // By key, wherever it stands: pino's own redaction by wildcards costs 50 us a line. Then the same in a text that is JSON.
  [new RegExp(`"(${secretKeys})":(?:"(?:[^"\\\\]|\\\\.)*"|\\[[^\\]]*\\])`, 'gi'), '"$1":"[secret]"'],
  [new RegExp(`\\\\"(${secretKeys})\\\\":\\s?\\\\"[^"\\\\]*`, 'gi'), '\\"$1\\":\\"[secret]'],
  [/(?<![\w-])eyJ[\w-]{4,2000}\.[\w-]{1,4000}\.[\w-]{1,1000}/g, '[token]'],
  [/\b(Bearer|Basic) [\w.~+/=-]{1,8000}/gi, '$1 [token]'],
  // Refresh tokens, and others that are 32 random bytes.
  [/(?<![\w-])[\w-]{43}(?![\w-])/g, '[token]'],
  [/\$argon2[^\s"]{1,200}/g, '[hash]'],
  [/(:\/\/[^\s/:@"\\]{0,64}:)[^\s/@"\\]{1,256}@/g, '$1[password]@'],
  [/[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){1,8}/gi, '[email]'],
];

function withoutSecrets(line: string): string {
  return secrets.reduce((text, [pattern, instead]) => text.replace(pattern, instead), line);
}

/**
 * JSON lines on standard error; standard output is the banner's. Secrets do not reach a line: known keys are blanked wherever they
 * stand, and what looks like a token, a password in a URL or an email address is blanked in every text.
 */
export function createLog(
  { logLevel }: Pick<Config, 'logLevel'>,
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Log {
  return pino(
    {
      level: logLevel,
      base: { pid: process.pid },
      hooks: { streamWrite: withoutSecrets },
    },
    destination,
  );
}
