import { randomUUID } from 'node:crypto';

/** What a proxy may have called the request, if that is fit for a header and a log line; otherwise a new UUID. */
export function requestIdOf(given: unknown): string {
  return typeof given === 'string' && /^[\w.:-]{8,128}$/.test(given) ? given : randomUUID();
}
