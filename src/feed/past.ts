import type { Db, Transaction } from '../db/client.ts';
import { InvalidInputError } from '../errors.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Audience, Entry } from './entry.ts';
import { FeedResetError } from './errors.ts';
import { lastBefore, readEntries, readTop, type Top } from './log.ts';

export interface PastRequest {
  /** Behind this cursor. Null: from the first entry on. */
  after: string | null;
  /** Only entries from here on, in milliseconds since the event went live. Null: also those from before it did. */
  fromOffset: number | null;
  /** Only entries before here, and those from before the event went live. Null: up to the newest. */
  toOffset: number | null;
  audiences: ReadonlySet<Audience>;
  /** Null: every kind. */
  kinds: ReadonlySet<string> | null;
  /** Entries at most. */
  limit: number;
}

/** A stretch of a feed, as it is now. */
export interface PastPage {
  readonly entries: readonly Entry[];
  readonly epoch: string;
  /** Entries that are asked for may follow. */
  readonly hasNextPage: boolean;
  /** Where the page ends: what is asked for and lies before this is on it, or on an earlier one. */
  readonly endCursor: string;
}

/** Entries looked at for one page: whoever asks for what is rare gets shorter pages, and no page costs more than this. */
export const lookedAt = 20_000;

/**
 * Reads a feed's past from the log, not from what instances remember: what was redacted a moment ago is redacted. Throws
 * InvalidInputError for a cursor that is none of this feed, and FeedResetError where what is asked for is no longer kept.
 */
export function readPast(db: Db, feed: string, request: PastRequest): Promise<PastPage> {
  // One view of the log: between two of its reads entries may be deleted.
  return db.$transaction((tx) => readPage(tx, feed, request), { isolationLevel: 'RepeatableRead' });
}

async function readPage(tx: Transaction, feed: string, request: PastRequest): Promise<PastPage> {
  const { audiences, kinds, limit } = request;
  const top = await readTop(tx, feed);
  const start = await startOf(tx, top, request);
  const end = request.toOffset === null ? top.sequence : await lastBefore(tx, request.toOffset, top);
  const last = Math.min(end, start + lookedAt);
  const found = last > start ? await readEntries(tx, feed, start, limit + 1, { last, audiences, kinds }) : [];
  const entries = found.slice(0, limit);
  const reached = found.length > limit ? (entries.at(-1)?.sequence ?? start) : Math.max(last, start);
  return {
    entries,
    epoch: top.epoch,
    hasNextPage: reached < end,
    endCursor: encodeCursor({ feed, epoch: top.epoch, sequence: reached }),
  };
}

/** The sequence behind which the page begins. */
async function startOf(tx: Transaction, top: Top, { after, fromOffset }: PastRequest): Promise<number> {
  const behind = after === null ? 0 : placeOf(after, top);
  const start = fromOffset === null ? behind : Math.max(behind, await lastBefore(tx, fromOffset, top));
  // At the floor itself, too, unless a cursor leads there: what preceded may have been asked for.
  const isKept = start > top.floor || top.floor === 0 || behind === top.floor;
  if (!isKept) throw new FeedResetError('EXPIRED', encodeCursor({ ...top, sequence: top.floor }));
  return start;
}

function placeOf(cursor: string, top: Top): number {
  const position = decodeCursor(cursor);
  if (position === null || position.feed !== top.feed) throw notOfThisFeed();
  if (position.epoch !== top.epoch)
    throw new FeedResetError('OLD_EPOCH', encodeCursor({ ...top, sequence: top.floor }));
  if (position.sequence > top.sequence) throw notOfThisFeed();
  return position.sequence;
}

const notOfThisFeed = (): InvalidInputError =>
  new InvalidInputError([{ path: 'after', message: 'is no cursor of this feed' }]);
