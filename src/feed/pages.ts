import type { Log } from '../log.ts';
import type { Entry } from './entry.ts';

/** Entries after `sequence`, oldest first, at most `limit`. */
export type ReadEntries = (feed: string, sequence: number, limit: number) => Promise<Entry[]>;

export interface Pages {
  /**
   * Entries after `sequence` up to the end of their page; empty when the log holds none. However many ask for one page at a
   * time, it is read once, and at most `concurrency` pages are read at once.
   */
  after(feed: string, sequence: number): Promise<readonly Entry[]>;
  /** Forgets what is remembered of a feed: its past was redacted or is another one now. */
  forget(feed: string): void;
  /** Pages read from the database so far. */
  readonly reads: number;
}

export interface PagesOptions {
  read: ReadEntries;
  log: Log;
  /** Entries a page. @default 256 */
  size?: number;
  /** Pages read at once. @default 4 */
  concurrency?: number;
  /** Pages remembered, over all feeds. @default 64 */
  remembered?: number;
}

const keyOf = (feed: string, start: number): string => `${start} ${feed}`;
const behind = (sequence: number, entries: readonly Entry[]) => entries.filter((entry) => entry.sequence > sequence);

/**
 * The log in pages of fixed bounds, so that subscribers resuming from nearby places share their reads: a storm of
 * reconnecting clients costs the database a few reads a feed, not one a client.
 */
export function createPages({ read, log, size = 256, concurrency = 4, remembered = 64 }: PagesOptions): Pages {
  /** The last page of a feed may have grown since. */
  const known = new Map<string, readonly Entry[]>();
  const reading = new Map<string, Promise<readonly Entry[]>>();
  const waiting: (() => void)[] = [];
  let running = 0;
  let reads = 0;
  let failing = false;

  async function limited(feed: string, start: number): Promise<readonly Entry[]> {
    if (running >= concurrency) await new Promise<void>((resume) => waiting.push(resume));
    else running++;
    try {
      reads++;
      const entries = await read(feed, start, size);
      failing = false;
      return entries;
    } catch (error) {
      // The first of a row: whoever asks tries on.
      if (!failing) log.warn({ err: error, feed }, 'past entries cannot be read');
      failing = true;
      throw error;
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  }

  function page(feed: string, start: number): Promise<readonly Entry[]> {
    const key = keyOf(feed, start);
    const already = reading.get(key);
    if (already !== undefined) return already;
    const promise = limited(feed, start)
      .then((entries) => {
        // A page forgotten while it was read may be older than its redaction.
        if (reading.get(key) === promise) remember(key, entries);
        return entries;
      })
      .finally(() => {
        if (reading.get(key) === promise) reading.delete(key);
      });
    reading.set(key, promise);
    return promise;
  }

  function remember(key: string, entries: readonly Entry[]): void {
    known.set(key, entries);
    for (const oldest of known.keys()) {
      if (known.size <= remembered) break;
      known.delete(oldest);
    }
  }

  return {
    async after(feed, sequence) {
      const start = Math.floor(sequence / size) * size;
      const key = keyOf(feed, start);
      const there = behind(sequence, known.get(key) ?? []);
      if (there.length > 0) return there;
      // A read that others began may have looked before what is asked for here was written.
      const shared = reading.has(key);
      const entries = behind(sequence, await page(feed, start));
      return entries.length === 0 && shared ? behind(sequence, await page(feed, start)) : entries;
    },
    forget(feed) {
      for (const pages of [known, reading]) {
        for (const key of pages.keys()) if (key.slice(key.indexOf(' ') + 1) === feed) pages.delete(key);
      }
    },
    get reads() {
      return reads;
    },
  };
}
