import { availableParallelism } from 'node:os';
import { HashQueue, type HashQueueStats } from './hash-queue.ts';
import { HashThread } from './hash-thread.ts';

export interface Passwords {
  /** In PHC format. Throws UnavailableError when too many wait. */
  hash(password: string): Promise<string>;
  /**
   * Resolves to what `find` finds, if it is the account that has this password; to null otherwise, as late for none, and for one
   * that has no password (an empty hash). Throws UnavailableError when too many wait, before anything is looked for.
   */
  verify<A extends { password: string }>(
    find: () => Promise<A | null | undefined>,
    password: string,
  ): Promise<A | null>;
  /** Throws UnavailableError when too many wait, before a caller spends work on what leads to a hash. */
  admit(): void;
  readonly stats: HashQueueStats;
  /** Whoever waits is rejected. */
  close(): Promise<void>;
}

export interface PasswordsOptions {
  /** Hashes computed at once, each on a thread of its own, below the process's priority. @default all cores but one, at most 2 */
  running?: number;
  /** Callers that wait; past them callers are refused. @default 64 */
  waiting?: number;
}

/** Nobody's password, hashed at the cost of everybody's. */
const nobody = '$argon2id$v=19$m=19456,t=2,p=1$iaMN9VDmLlDBGs/4L1l3uQ$edRk3s3sZ5Ehkq2fqGcDZfQrC9XIUiW4PAyYHvOP+AE';

/** A core stays for everything else: while passwords are tried in numbers, events go on. */
const coresForHashes = Math.max(1, Math.min(2, availableParallelism() - 1));

export function createPasswords({ running = coresForHashes, waiting = 64 }: PasswordsOptions = {}): Passwords {
  const threads = Array.from({ length: running }, () => new HashThread());
  const queue = new HashQueue(threads, waiting);
  return {
    hash: (password) => queue.enter((turn) => turn((thread) => thread.hash(password))),
    verify: (find, password) =>
      queue.enter(async (turn) => {
        const account = (await find()) ?? null;
        const hash = account?.password || null;
        const matches = await turn((thread) => thread.verify(hash ?? nobody, password));
        return matches && hash !== null ? account : null;
      }),
    admit: () => queue.admit(),
    get stats() {
      return queue.stats;
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}
