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
}

/** Deletes what is past its time, once an hour on every instance; deleting twice is harmless. */
export function createHousekeeping({ db, accounts, retention, log }: HousekeepingDeps): { close(): void } {
  const sweep = async () => {
    try {
      await forgetKeys(db);
      await accounts.forgetExpired();
      const pruned = await pruneFeeds(db, retention);
      if (pruned > 0) log.info({ pruned }, 'old entries of feeds were deleted');
    } catch (error) {
      log.warn({ err: error }, 'expired rows could not be deleted; the next hour tries again');
    }
  };
  const timer = setInterval(() => void sweep(), everyMs).unref();
  return { close: () => clearInterval(timer) };
}
