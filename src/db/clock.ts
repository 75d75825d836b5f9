import type { Log } from '../log.ts';
import type { Db, Transaction } from './client.ts';

/**
 * The database's clock, as this instance knows it. By it instances agree on what has expired, however wrong the clocks of their
 * machines are.
 */
export interface Clock {
  /** Milliseconds since 1970. Asks no database. */
  now(): number;
  close(): void;
}

export interface ClockOptions {
  db: Db;
  log: Log;
  /** How often the database is asked again, in ms: clocks drift apart by a few ms in so long. @default 60000 */
  everyMs?: number;
}

/** An answer that took longer says too little, in ms: it may be wrong by half of that. */
const longestAnswerMs = 1000;

/** What time it is by the database's clock. Times that Prisma fills in by itself (`now()`, `@updatedAt`) are by this machine's. */
export async function databaseNow(db: Db | Transaction): Promise<Date> {
  const [row] = await db.$queryRaw<{ now: Date }[]>`SELECT clock_timestamp() AS now`;
  if (row === undefined) throw new Error('the database has no clock');
  return row.now;
}

/** Resolves when the database has been asked once; rejects when it cannot be. */
export async function createClock({ db, log, everyMs = 60_000 }: ClockOptions): Promise<Clock> {
  let epoch: number | null = null;

  async function ask(): Promise<void> {
    // Between two answers the time is counted by what no correction of the machine's clock touches.
    const asked = performance.now();
    const then = await databaseNow(db);
    const answered = performance.now();
    if (epoch !== null && answered - asked > longestAnswerMs) return;
    epoch = then.getTime() - (asked + answered) / 2;
  }

  await ask();
  const timer = setInterval(() => {
    ask().catch((error: unknown) => log.warn({ err: error }, 'the database was not asked for the time; trying on'));
  }, everyMs).unref();
  return {
    now: () => Math.round((epoch ?? 0) + performance.now()),
    close: () => clearInterval(timer),
  };
}
