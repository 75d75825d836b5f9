import type { Accounts } from './accounts/accounts.ts';
import { forgetTexts } from './chat/turns.ts';
import type { Db } from './db/client.ts';
import { forgetKeys } from './feed/idempotency.ts';
import { pruneFeeds, type Retention } from './feed/retention.ts';
import type { Round } from './jobs/jobs.ts';
import { forgetPeriods } from './leaderboards/scores.ts';
import type { Log } from './log.ts';

export interface HousekeepingDeps {
  db: Db;
  accounts: Accounts;
  retention: Retention;
  log: Log;
  onPruned?: (entries: number) => void;
}

/** Deletes what is past its time, once an hour. */
export const createHousekeeping = ({ db, accounts, retention, log, onPruned = () => {} }: HousekeepingDeps): Round => ({
  name: 'housekeeping',
  everyMs: 3_600_000,
  async run() {
    await forgetKeys(db);
    await forgetTexts(db);
    await forgetPeriods(db);
    await accounts.forgetExpired();
    const pruned = await pruneFeeds(db, retention);
    onPruned(pruned);
    if (pruned > 0) log.info({ pruned }, 'old entries of feeds were deleted');
  },
});
