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
  'Authorization',
  'cookie',
  'Cookie',
  '["set-cookie"]',
];

const nested = (key: string): string[] => {
  const below = key.startsWith('[') ? key : `.${key}`;
  return [key, `*${below}`, `*.*${below}`, `*.*.*${below}`];
};

/** What gives a secret away in a text, such as an error's: libraries quote what they were given. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/eyJ[\w-]{4,}\.[\w-]+\.[\w-]+/g, '[token]'],
  [/\b(Bearer|Basic) [\w.~+/=-]+/gi, '$1 [token]'],
  // Refresh tokens, and others that are 32 random bytes.
  [/(?<![\w-])[\w-]{43}(?![\w-])/g, '[token]'],
  [/(?<=:\/\/[^\s/:@"\\]*:)[^\s/@"\\]+(?=@)/g, '[password]'],
  [/[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d-]+(\.[a-z\d-]+)+/gi, '[email]'],
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
      redact: { paths: secretKeys.flatMap(nested), censor: '[secret]' },
      hooks: { streamWrite: withoutSecrets },
    },
    destination,
  );
}
