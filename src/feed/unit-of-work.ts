import { setTimeout as pause } from 'node:timers/promises';
import { comeBackAfter } from '../come-back.ts';
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
  /** Runs `effect` once, when everything is committed and published; never, if it is not. It must not throw. */
  afterCommit(effect: () => void): void;
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

/** A deadlock's victim succeeds when it is run again, as a rule; five in a row is a fault in the code. */
const attempts = 5;

/**
 * A victim that starts again at once may have its first row before the other, who waited for it, is awake: PostgreSQL keeps
 * no place for who waits for a row that nobody holds. Then both wait for each other again.
 */
const pauseMs = 20;

export function createWrite({ db, publish }: { db: Db; publish: (committed: Committed) => void }): Write {
  return async (body) => {
    for (let attempt = 1; ; attempt++) {
      const statements = new Map<string, Statement[]>();
      const effects: (() => void)[] = [];
      try {
        const { result, committed } = await db.$transaction(async (tx) => {
          const result = await body({
            tx,
            append: (feed, drafts, place) => state(statements, feed, { drafts: [drafts].flat(), place }),
            afterCommit: (effect) => void effects.push(effect),
          });
          return { result, committed: await append(tx, statements) };
        });
        for (const feed of committed) publish(feed);
        for (const effect of effects) effect();
        return result;
      } catch (error) {
        if (!isWriteConflict(error) || attempt === attempts) throw error;
        await pause(comeBackAfter(attempt * pauseMs));
      }
    }
  };
}

function state(statements: Map<string, Statement[]>, feed: string, statement: Statement): void {
  const ofFeed = statements.get(feed);
  if (ofFeed === undefined) statements.set(feed, [statement]);
  else ofFeed.push(statement);
}

/** All feeds are locked by one statement, in one order: two works that state facts in the same feeds cannot deadlock over them. */
async function append(tx: Transaction, statements: Map<string, Statement[]>): Promise<Committed[]> {
  const drafts = [...statements].map(([feed, stated]) => ({ feed, drafts: stated.flatMap((one) => one.drafts) }));
  const stated = drafts.filter((one) => one.drafts.length > 0);
  if (stated.length === 0) return [];
  const committed = await appendEntries(tx, stated);
  for (const { feed, entries } of committed) {
    let taken = 0;
    for (const { drafts: own, place } of statements.get(feed) ?? []) {
      const placedHere = entries.slice(taken, taken + own.length);
      taken += own.length;
      if (place !== undefined && own.length > 0) await place(placedHere);
    }
  }
  return committed;
}
