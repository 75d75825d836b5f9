import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config.ts';
import { withoutSecrets } from './redaction.ts';

export type Log = Logger;

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
