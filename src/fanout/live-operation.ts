import type { GraphQLError } from 'graphql';
import type { LiveSource } from './live-source.ts';
import { Rendered } from './rendered.ts';
import type { Rendering } from './rendering.ts';
import type { Replaying, ReplayTurns } from './replay-turns.ts';

export interface LiveOperationOptions {
  source: LiveSource;
  rendering: Rendering;
  /** Of all operations of the instance. */
  replayTurns: ReplayTurns;
  /** Makes an error fit for the client. */
  present: (error: unknown) => GraphQLError;
}

/** What leaves in one write at most: what a client that stops reading can hold, and the time for which others wait. */
const most = { results: 128, bytes: 64 * 1024 };

const done = { done: true, value: undefined } as const;

/**
 * A subscription to a feed or a pulse, for a transport that takes its results whenever it has room for them. To those who iterate over it,
 * as the protocols' libraries do, it yields nothing, and is done when the operation is over.
 */
export class LiveOperation implements AsyncIterableIterator<never, undefined>, Replaying {
  /** In ms since 1970. */
  readonly since = Date.now();
  readonly #options: LiveOperationOptions;
  readonly #afterwards: (() => void)[] = [];
  #onReady: () => void = () => {};
  #lastWord: Rendered | null = null;
  #over = false;
  /** To write what was missed. */
  #turn: 'none' | 'waits' | 'has' = 'none';

  constructor(options: LiveOperationOptions) {
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The last result was taken, or nobody wants it. */
  get over(): boolean {
    return this.#over;
  }

  get source(): LiveSource {
    return this.#options.source;
  }

  /** From now on `onReady` is called whenever there may be something to take, or the operation may be over. */
  listen(onReady: () => void): void {
    this.#onReady = onReady;
    this.#options.source.listen(onReady);
  }

  /** The results there are now, as many as leave in one write. None: the listener is told of the next, or the operation is over. */
  take(): Rendered[] {
    if (this.#lastWord === null && !this.#mayRead()) return [];
    this.#turn = 'none';
    const results: Rendered[] = [];
    let bytes = 0;
    while (results.length < most.results && bytes < most.bytes) {
      const result = this.#next();
      if (result === null) return results;
      results.push(result);
      bytes += result.json.length;
    }
    this.#wait();
    return results;
  }

  /** Who missed more than leaves in one write waits for a turn. */
  #mayRead(): boolean {
    if (this.#turn === 'none' && this.#options.source.missed > most.results) this.#wait();
    return this.#turn !== 'waits';
  }

  #wait(): void {
    this.#turn = 'waits';
    this.#options.replayTurns.wait(this);
  }

  readOn(): void {
    this.#turn = 'has';
    // Whoever listens by now, not who took the last results: its wait may be over.
    this.#onReady();
  }

  /** Never throws: a fault ends this operation, and no other. */
  #next(): Rendered | null {
    if (this.#over) return null;
    const { source, rendering } = this.#options;
    try {
      const polled = source.poll();
      if (polled === null) return null;
      if (polled.done !== true) return rendering.render(polled.value);
    } catch (error) {
      this.end(error);
    }
    this.#finish();
    return this.#lastWord;
  }

  /** Ends the operation; `reason` is its last result, ahead of anything not yet taken. */
  end(reason: unknown): void {
    if (this.#over) return;
    this.#lastWord ??= new Rendered({ errors: [this.#options.present(reason)] });
    void this.#options.source.return();
  }

  /** Calls back once the operation is over. */
  onOver(callback: () => void): void {
    if (this.#over) callback();
    else this.#afterwards.push(callback);
  }

  next(): Promise<IteratorResult<never, undefined>> {
    return new Promise((resolve) => this.onOver(() => resolve(done)));
  }

  async return(): Promise<IteratorResult<never, undefined>> {
    this.#finish();
    await this.#options.source.return();
    return done;
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    for (const callback of this.#afterwards.splice(0)) callback();
  }
}
