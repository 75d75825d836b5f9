export interface PassOptions {
  /** Serves everybody with what is there now. */
  run: () => void;
  /** Entries that follow each other faster than this are collected, in ms. 0: every entry is a pass of its own. */
  windowMs: number;
  /** Waiting entries at which a pass is made at once: nobody is to fall off the tail meanwhile. */
  most: number;
}

/**
 * When the live subscribers of a feed are served. After a quiet time at once: an idle feed pays no delay. Under a burst once
 * every `windowMs`, so that many entries leave in one write to a socket.
 */
export class Pass {
  readonly #options: PassOptions;
  #ranAt = Number.NEGATIVE_INFINITY;
  #served: number;
  #last: number;
  #timer: NodeJS.Timeout | null = null;

  /** @param served sequence that everybody has been served up to */
  constructor(served: number, options: PassOptions) {
    this.#served = served;
    this.#last = served;
    this.#options = options;
  }

  /** There are entries up to `last`. */
  ring(last: number): void {
    const { windowMs, most } = this.#options;
    this.#last = last;
    const waiting = last - this.#served;
    const waitMs = this.#ranAt + windowMs - performance.now();
    // None waiting: the log is another one now, and everybody is to hear of it.
    if (waitMs <= 0 || waiting >= most || waiting <= 0) this.#run();
    else this.#timer ??= setTimeout(() => this.#run(), waitMs);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #run(): void {
    this.close();
    this.#served = this.#last;
    this.#ranAt = performance.now();
    this.#options.run();
  }
}
