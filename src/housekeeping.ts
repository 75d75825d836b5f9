import type { Accounts } from './accounts/accounts.ts';
import type { Db } from './db/client.ts';
import { forgetKeys } from './feed/idempotency.ts';
import type { Log } from './log.ts';

const everyMs = 3_600_000;

/** Deletes what is past its time, once an hour on every instance; deleting twice is harmless. */
export function createHousekeeping({ db, accounts, log }: { db: Db; accounts: Accounts; log: Log }): { close(): void } {
  const sweep = async () => {
    try {
      await forgetKeys(db);
      await accounts.forgetExpired();
    } catch (error) {
      log.warn({ err: error }, 'expired rows could not be deleted; the next hour tries again');
    }
  };
  const timer = setInterval(() => void sweep(), everyMs).unref();
  return { close: () => clearInterval(timer) };
}
