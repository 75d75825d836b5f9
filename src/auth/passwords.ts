import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { UnavailableError } from '../errors.ts';

export interface Passwords {
  /** In PHC format. Throws UnavailableError when too many wait. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is the one that was hashed. Null and empty, for an account that does not exist or has no password, is
   * false and takes as long. Throws UnavailableError when too many wait.
   */
  verify(hash: string | null, password: string): Promise<boolean>;
  /** Throws UnavailableError when too many wait, before a caller spends work on what leads to a hash. */
  admit(): void;
  readonly stats: PasswordStats;
}

export interface PasswordStats {
  /** Hashes computed since the start, and callers refused. */
  readonly computed: number;
  readonly refused: number;
  /** At the moment. */
  readonly running: number;
  readonly waiting: number;
}

export interface PasswordsOptions {
  /** Hashes computed at once, each on a thread of Node's pool, which files and DNS share. @default all cores but one, at most 2 */
  running?: number;
  /** Callers that wait; past them callers are refused. @default 64 */
  waiting?: number;
}

/** OWASP's first choice for argon2id, which is this library's default algorithm: 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Nobody's password, hashed at the same cost. */
const nobody = '$argon2id$v=19$m=19456,t=2,p=1$iaMN9VDmLlDBGs/4L1l3uQ$edRk3s3sZ5Ehkq2fqGcDZfQrC9XIUiW4PAyYHvOP+AE';

/** A core stays for everything else: while passwords are tried in numbers, events go on. */
const coresForHashes = Math.max(1, Math.min(2, availableParallelism() - 1));

export function createPasswords({ running = coresForHashes, waiting = 64 }: PasswordsOptions = {}): Passwords {
  const queue = new HashQueue({ running, waiting });
  return {
    hash: (password) => queue.run(() => hash(password, cost)),
    async verify(known, password) {
      const isKnown = known !== null && known !== '';
      const matches = await queue.run(() => verify(isKnown ? known : nobody, password));
      return matches && isKnown;
    },
    admit: () => queue.admit(),
    get stats() {
      return queue.stats;
    },
  };
}

/** Runs at most `running` jobs at a time, first come, first served. */
class HashQueue {
  readonly #limits: Required<PasswordsOptions>;
  readonly #queue: (() => void)[] = [];
  #running = 0;
  #computed = 0;
  #refused = 0;
  /** How long the last job took, in ms. */
  #jobMs = 50;

  constructor(limits: Required<PasswordsOptions>) {
    this.#limits = limits;
  }

  get stats(): PasswordStats {
    return {
      computed: this.#computed,
      refused: this.#refused,
      running: this.#running,
      waiting: this.#queue.length,
    };
  }

  admit(): void {
    if (this.#queue.length < this.#limits.waiting) return;
    this.#refused++;
    // By then those who wait now have had their turn.
    const retryAfterMs = Math.ceil((this.#queue.length * this.#jobMs) / this.#limits.running);
    throw new UnavailableError('Too many passwords to check at once; try again.', retryAfterMs);
  }

  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limits.running) this.#running++;
    else {
      this.admit();
      await new Promise<void>((resume) => this.#queue.push(resume));
    }
    const startedAt = performance.now();
    try {
      return await job();
    } finally {
      this.#computed++;
      this.#jobMs = performance.now() - startedAt;
      const next = this.#queue.shift();
      // A waiting job takes over this one's place.
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
