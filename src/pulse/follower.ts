import type { DomainError } from '../errors.ts';
import type { Pulse } from './part.ts';

export type PulseItem<Values> =
  | { readonly type: 'pulse'; readonly pulse: Pulse<Values> }
  /** The last item: the subscription was ended by the server. */
  | { readonly type: 'end'; readonly error: DomainError };

const done = { done: true, value: undefined } as const;

/**
 * One live operation on an event's pulse. It holds no queue: whoever reads slowly gets the latest and never what was before. It has
 * one reader, which either calls `next`, one call at a time, or listens and polls.
 */
export class PulseFollower<Values> implements AsyncIterableIterator<PulseItem<Values>, undefined> {
  /** The pulse's name. */
  readonly follows: string;
  /** A pulse has no past: it is never behind. */
  readonly position = 0;
  readonly missed = 0;
  readonly #latest: () => Pulse<Values> | null;
  readonly #afterwards: (() => void)[] = [];
  #told: Pulse<Values> | null = null;
  #wake: (() => void) | null = null;
  #listener: (() => void) | null = null;
  #ending: DomainError | null = null;
  #closed = false;

  /** @param latest the event's pulse now; null: it is not known yet */
  constructor(follows: string, latest: () => Pulse<Values> | null) {
    this.follows = follows;
    this.#latest = latest;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<PulseItem<Values>, undefined>> {
    for (;;) {
      const result = this.poll();
      if (result !== null) return result;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** What `next` would resolve to, if that can be had without waiting. Null: it cannot; the listener is told when to ask again. */
  poll(): IteratorResult<PulseItem<Values>, undefined> | null {
    if (this.#closed) return done;
    if (this.#ending !== null) {
      const error = this.#ending;
      this.#close();
      return { done: false, value: { type: 'end', error } };
    }
    const pulse = this.#latest();
    if (pulse === null || pulse === this.#told) return null;
    this.#told = pulse;
    return { done: false, value: { type: 'pulse', pulse } };
  }

  /** From now on `onReady` is called whenever `poll` may have something. */
  listen(onReady: () => void): void {
    this.#listener = onReady;
  }

  /** Calls back once the subscription is over, whoever ended it; at once if it is over already. */
  onClosed(callback: () => void): void {
    if (this.#closed) callback();
    else this.#afterwards.push(callback);
  }

  async return(): Promise<IteratorResult<PulseItem<Values>, undefined>> {
    this.#close();
    this.wake();
    return done;
  }

  /** Delivers `error` as the last item. */
  end(error: DomainError): void {
    this.#ending ??= error;
    this.wake();
  }

  /** There may be something to read. */
  wake(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
    this.#listener?.();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const callback of this.#afterwards.splice(0)) callback();
  }
}
