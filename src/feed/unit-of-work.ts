import type { Db, Transaction } from '../db/client.ts';
import { isWriteConflict } from '../db/faults.ts';
import type { Entry, EntryDraft } from './entry.ts';
import { appendEntries } from './log.ts';

/** One transaction and the facts it states. */
export interface Work {
  readonly tx: Transaction;
  /**
   * States facts. They get their places at the end of the work, under the feed's lock, in the order in which they were stated:
   * then `place` is called, inside the transaction, to write what carries those places (messages' sequences).
   */
  append(feed: string, drafts: EntryDraft | readonly EntryDraft[], place?: Place): void;
}

/** Gets the entries that its drafts became, in their order. */
export type Place = (entries: readonly Entry[]) => Promise<unknown>;

/**
 * Runs `body` in one transaction, appends what it stated, commits, and only then hands the entries to `publish`.
 * Resolves when everything is committed; delivery follows and is not awaited. Nothing is written when `body` throws.
 * `body` may run more than once (deadlocks): it must have no effect outside `work.tx`.
 */
export type Write = <T>(body: (work: Work) => Promise<T>) => Promise<T>;

/** Entries of one feed that were committed together, in order. */
export interface Committed {
  readonly feed: string;
  readonly epoch: string;
  readonly entries: readonly Entry[];
}

interface Statement {
  drafts: readonly EntryDraft[];
  place: Place | undefined;
}

/** A deadlock's victim succeeds at once, as a rule; five in a row is a fault in the code. */
const attempts = 5;

export function createWrite({ db, publish }: { db: Db; publish: (committed: Committed) => void }): Write {
  return async (body) => {
    for (let attempt = 1; ; attempt++) {
      const statements = new Map<string, Statement[]>();
      try {
        const { result, committed } = await db.$transaction(async (tx) => {
          const result = await body({
            tx,
            append: (feed, drafts, place) => state(statements, feed, { drafts: [drafts].flat(), place }),
          });
          return { result, committed: await append(tx, statements) };
        });
        for (const feed of committed) publish(feed);
        return result;
      } catch (error) {
        if (!isWriteConflict(error) || attempt === attempts) throw error;
      }
    }
  };
}

function state(statements: Map<string, Statement[]>, feed: string, statement: Statement): void {
  const ofFeed = statements.get(feed);
  if (ofFeed === undefined) statements.set(feed, [statement]);
  else ofFeed.push(statement);
}

/** Feeds are locked in the order of their names: two works that state facts in the same feeds cannot deadlock over them. */
async function append(tx: Transaction, statements: Map<string, Statement[]>): Promise<Committed[]> {
  const committed: Committed[] = [];
  const places: (() => Promise<unknown>)[] = [];
  for (const [feed, stated] of [...statements].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const drafts = stated.flatMap((statement) => statement.drafts);
    if (drafts.length === 0) continue;
    const { epoch, entries } = await appendEntries(tx, feed, drafts);
    let taken = 0;
    for (const { drafts: own, place } of stated) {
      const placedHere = entries.slice(taken, taken + own.length);
      taken += own.length;
      if (place !== undefined && own.length > 0) places.push(() => place(placedHere));
    }
    committed.push({ feed, epoch, entries });
  }
  for (const place of places) await place();
  return committed;
}
