import { isUnavailable } from '../db/faults.ts';
import { UnavailableError } from '../errors.ts';

/** What became of one input of a batch. */
export type Verdict<T> = { readonly value: T } | { readonly refusal: unknown };

export interface GroupCommitOptions<Input, Output> {
  /**
   * Commits inputs of one key together, in their order, and says of each what became of it. When it throws, nothing was
   * written.
   */
  commit: (key: string, inputs: readonly Input[]) => Promise<readonly Verdict<Output>[]>;
  /** Inputs committed together at most; 1: each at once and alone, and nothing waits. @default 128 */
  largest?: number;
  /** Inputs of one key that wait at most; more are refused with UnavailableError. @default 2048 */
  waiting?: number;
  /** Told how many inputs a batch has, when it is begun. */
  onBatch?: (size: number) => void;
}

/** Resolves with the input's value, or rejects with its refusal, when its batch is committed. */
export type GroupCommit<Input, Output> = (key: string, input: Input) => Promise<Output>;

interface Waiting<Input, Output> {
  input: Input;
  resolve: (value: Output) => void;
  reject: (reason: unknown) => void;
}

/**
 * Writes of one kind that arrive while one is being committed are committed together. An input that finds its key idle is
 * committed at once and alone: it pays no delay. One batch of a key runs at a time, so its inputs keep their order.
 */
export function createGroupCommit<Input, Output>({
  commit,
  largest = 128,
  waiting = 2048,
  onBatch = () => {},
}: GroupCommitOptions<Input, Output>): GroupCommit<Input, Output> {
  const queues = new Map<string, Waiting<Input, Output>[]>();

  async function run(key: string, queue: Waiting<Input, Output>[]): Promise<void> {
    while (queue.length > 0) await settle(key, queue.splice(0, largest));
    queues.delete(key);
  }

  async function settle(key: string, batch: readonly Waiting<Input, Output>[]): Promise<void> {
    onBatch(batch.length);
    try {
      const verdicts = await commit(
        key,
        batch.map(({ input }) => input),
      );
      batch.forEach(({ resolve, reject }, place) => {
        const verdict = verdicts[place];
        if (verdict === undefined) reject(new Error('an input of a batch got no verdict'));
        else if ('refusal' in verdict) reject(verdict.refusal);
        else resolve(verdict.value);
      });
    } catch (error) {
      // One input may have been the fault of all; alone, each stands for itself. An unavailable database is nobody's fault.
      if (batch.length === 1 || isUnavailable(error)) for (const { reject } of batch) reject(error);
      else for (const one of batch) await settle(key, [one]);
    }
  }

  return (key, input) =>
    new Promise((resolve, reject) => {
      if (largest === 1) return void settle(key, [{ input, resolve, reject }]);
      const queue = queues.get(key);
      if (queue !== undefined) {
        if (queue.length >= waiting) return reject(new UnavailableError('Too many writes wait; try again.'));
        queue.push({ input, resolve, reject });
        return;
      }
      const started = [{ input, resolve, reject }];
      queues.set(key, started);
      void run(key, started);
    });
}
