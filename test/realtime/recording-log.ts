import { Writable } from 'node:stream';
import { type Logger, pino } from 'pino';

/** A logger whose lines (JSON) a test can read. */
export function recordingLog(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const sink = new Writable({
    write(line, _encoding, done) {
      lines.push(String(line).trimEnd());
      done();
    },
  });
  return { log: pino({ base: null, timestamp: false }, sink), lines };
}
