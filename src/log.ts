import { type Logger, pino } from 'pino';
import type { Config } from './config.ts';

export type Log = Logger;

/** JSON lines on standard error; standard output is the banner's. Secrets never reach a line, wherever they stand in an object. */
export function createLog({ logLevel }: Pick<Config, 'logLevel'>): Log {
  return pino(
    {
      level: logLevel,
      base: { pid: process.pid },
      redact: {
        paths: ['password', 'accessToken', 'refreshToken', 'authorization'].flatMap((key) => [
          key,
          `*.${key}`,
          `*.*.${key}`,
        ]),
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
