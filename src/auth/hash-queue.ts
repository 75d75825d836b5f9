import { UnavailableError } from '../errors.ts';
import type { HashThread } from './hash-thread.ts';

export interface HashQueueStats {
  /** Hashes computed since the start, and callers refused. */
  readonly computed: number;
  readonly refused: number;
  /** At the moment. */
  readonly running: number;
  readonly waiting: number;
}

/** Waits for a free thread and has it do the job. */
export type Turn = <T>(job: (thread: HashThread) => Promise<T>) => Promise<T>;

/** First come, first served, with a bound: each thread has one job at a time, and so many callers may wait. */
export class HashQueue {
  readonly #threads: number;
  readonly #places: number;
  readonly #free: HashThread[];
  readonly #waiting: ((thread: HashThread) => void)[] = [];
  #taken = 0;
  #computed = 0;
  #refused = 0;
  /** How long the last job took, in ms. */
  #jobMs = 50;

  constructor(threads: readonly HashThread[], waiting: number) {
    this.#threads = threads.length;
    this.#places = threads.length + waiting;
    this.#free = [...threads];
  }

  get stats(): HashQueueStats {
    const running = this.#threads - this.#free.length;
    return { computed: this.#computed, refused: this.#refused, running, waiting: this.#taken - running };
  }

  /** Throws UnavailableError when all places are taken. */
  admit(): void {
    if (this.#taken < this.#places) return;
    this.#refused++;
    // By then those who wait now have had their turn.
    const retryAfterMs = Math.ceil(((this.#taken - this.#threads) * this.#jobMs) / this.#threads);
    throw new UnavailableError('Too many passwords to check at once; try again.', retryAfterMs);
  }

  /** Holds a place for as long as `work` goes on, also while it finds out what is to be computed. Throws UnavailableError. */
  async enter<T>(work: (turn: Turn) => Promise<T>): Promise<T> {
    this.admit();
    this.#taken++;
    try {
      return await work((job) => this.#turn(job));
    } finally {
      this.#taken--;
    }
  }

  async #turn<T>(job: (thread: HashThread) => Promise<T>): Promise<T> {
    const thread = this.#free.pop() ?? (await new Promise<HashThread>((resume) => this.#waiting.push(resume)));
    const startedAt = performance.now();
    try {
      return await job(thread);
    } finally {
      this.#computed++;
      this.#jobMs = performance.now() - startedAt;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(thread);
      else next(thread);
    }
  }
}
