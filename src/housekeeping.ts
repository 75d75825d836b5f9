import type { Accounts } from './accounts/accounts.ts';
import type { Db } from './db/client.ts';
import { forgetKeys } from './feed/idempotency.ts';
import { pruneFeeds, type Retention } from './feed/retention.ts';
import type { Log } from './log.ts';

const everyMs = 3_600_000;

export interface HousekeepingDeps {
  db: Db;
  accounts: Accounts;
  retention: Retention;
  log: Log;
  onPruned?: (entries: number) => void;
  /** Told of each run that has ended. */
  onRun?: (outcome: 'done' | 'failed') => void;
}

export interface Housekeeping {
  /** Seconds by which the last run that did its work is late; 0: it is not. */
  readonly lag: number;
  close(): void;
}

/** Deletes what is past its time, once an hour on every instance; deleting twice is harmless. */
export function createHousekeeping({
  db,
  accounts,
  retention,
  log,
  onPruned = () => {},
  onRun = () => {},
}: HousekeepingDeps): Housekeeping {
  let dueAt = performance.now() + everyMs;
  const sweep = async () => {
    try {
      await forgetKeys(db);
      await accounts.forgetExpired();
      const pruned = await pruneFeeds(db, retention);
      onPruned(pruned);
      if (pruned > 0) log.info({ pruned }, 'old entries of feeds were deleted');
      dueAt = performance.now() + everyMs;
      onRun('done');
    } catch (error) {
      onRun('failed');
      log.warn({ err: error }, 'expired rows could not be deleted; the next hour tries again');
    }
  };
  const timer = setInterval(() => void sweep(), everyMs).unref();
  return {
    get lag() {
      return Math.max(0, performance.now() - dueAt) / 1000;
    },
    close: () => clearInterval(timer),
  };
}
