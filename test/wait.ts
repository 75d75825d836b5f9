import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 5;

/**
 * Resolves with the first value of `condition` that is neither false, null nor undefined.
 * @param what what is waited for, as it would stand after "waited 20000 ms for"
 * @throws after `limitMs` (default: 20,000: a busy machine is no fault), naming `what`
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { limitMs = 20_000, what }: { limitMs?: number; what: string },
): Promise<Exclude<T, false | null | undefined>> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await condition();
    if (isMet(value)) return value;
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms for ${what}`);
    await pause(POLL_MS);
  }
}

function isMet<T>(value: T): value is Exclude<T, false | null | undefined> {
  return value !== false && value !== null && value !== undefined;
}
