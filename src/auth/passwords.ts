import { hash, verify } from '@node-rs/argon2';
import { UnavailableError } from '../errors.ts';

export interface Passwords {
  /** In PHC format. Throws UnavailableError when too many wait. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password is the one that was hashed. Null, for an account that does not exist, is false and takes as long.
   * Throws UnavailableError when too many wait.
   */
  verify(hash: string | null, password: string): Promise<boolean>;
  /** Hashes that are computed now, and callers that wait for theirs. */
  readonly queue: { running: number; waiting: number };
}

export interface PasswordsOptions {
  /** Hashes computed at once, each on a thread of Node's pool, which files and DNS share. @default 2 */
  running?: number;
  /** Callers that wait; past them callers are refused. @default 64 */
  waiting?: number;
}

/** OWASP's first choice for argon2id, which is this library's default algorithm: 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Nobody's password, hashed at the same cost. */
const nobody = '$argon2id$v=19$m=19456,t=2,p=1$iaMN9VDmLlDBGs/4L1l3uQ$edRk3s3sZ5Ehkq2fqGcDZfQrC9XIUiW4PAyYHvOP+AE';

export function createPasswords({ running = 2, waiting = 64 }: PasswordsOptions = {}): Passwords {
  const queue = createQueue({ running, waiting });
  return {
    hash: (password) => queue.inTurn(() => hash(password, cost)),
    async verify(known, password) {
      const matches = await queue.inTurn(() => verify(known ?? nobody, password));
      return matches && known !== null;
    },
    get queue() {
      return queue.length;
    },
  };
}

/** Runs at most `running` jobs at a time, first come, first served. */
function createQueue({ running, waiting }: Required<PasswordsOptions>) {
  const queue: (() => void)[] = [];
  let active = 0;
  const inTurn = async <T>(job: () => Promise<T>): Promise<T> => {
    if (active < running) active++;
    else if (queue.length >= waiting) throw new UnavailableError('Too many log-ins at once; try again in a second.');
    else await new Promise<void>((resume) => queue.push(resume));
    try {
      return await job();
    } finally {
      const next = queue.shift();
      // A waiting job takes over this one's place.
      if (next === undefined) active--;
      else next();
    }
  };
  return {
    inTurn,
    get length() {
      return { running: active, waiting: queue.length };
    },
  };
}
