import type { Log } from './log.ts';

/** One after the other, whatever becomes of each: a database that is away must not keep the rest open. */
export async function closeInTurn(log: Log, parts: readonly (readonly [string, () => unknown])[]): Promise<void> {
  for (const [part, close] of parts) {
    try {
      await close();
    } catch (error) {
      log.warn({ err: error, part }, 'a part could not be closed as it should');
    }
  }
}
