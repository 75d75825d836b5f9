import { comeBackAfter } from '../come-back.ts';
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
  readonly #places: number;
  readonly #threads: Shared<HashThread>;
  readonly #desks: Shared<number>;
  /** Hashes computed at once. */
  readonly #atOnce: number;
  #running = 0;
  #taken = 0;
  #computed = 0;
  #refused = 0;
  /** How long the last job took, in ms. */
  #jobMs = 50;

  constructor(threads: readonly HashThread[], waiting: number) {
    this.#places = threads.length + waiting;
    this.#threads = new Shared(threads);
    this.#atOnce = threads.length;
    // While a thread computes, the next caller's work leads up to it. No more do at a time: hundreds would ask the database in one moment.
    this.#desks = new Shared(Array.from({ length: 2 * threads.length }, (_, desk) => desk));
  }

  get stats(): HashQueueStats {
    const running = this.#running;
    return { computed: this.#computed, refused: this.#refused, running, waiting: this.#taken - running };
  }

  /** Throws UnavailableError when all places are taken. */
  admit(): void {
    if (this.#taken < this.#places) return;
    this.#refused++;
    // By then those who wait now have had their turn.
    const turnsMs = (this.stats.waiting * this.#jobMs) / this.#atOnce;
    throw new UnavailableError('Too many passwords to check at once; try again.', comeBackAfter(turnsMs));
  }

  /** Takes a place at once, and gives it back when `work` is done, which finds out what is to be computed. Throws UnavailableError. */
  async enter<T>(work: (turn: Turn) => Promise<T>): Promise<T> {
    this.admit();
    this.#taken++;
    try {
      return await this.#desks.use(() => work((job) => this.#threads.use((thread) => this.#watched(job(thread)))));
    } finally {
      this.#taken--;
    }
  }

  async #watched<T>(job: Promise<T>): Promise<T> {
    const startedAt = performance.now();
    this.#running++;
    try {
      return await job;
    } finally {
      this.#running--;
      this.#computed++;
      this.#jobMs = performance.now() - startedAt;
    }
  }
}

/** Things that one caller uses at a time, in the order in which they come. */
class Shared<Thing> {
  readonly #free: Thing[];
  readonly #waiting: ((thing: Thing) => void)[] = [];

  constructor(things: readonly Thing[]) {
    this.#free = [...things];
  }

  async use<T>(work: (thing: Thing) => Promise<T>): Promise<T> {
    const thing = this.#free.pop() ?? (await new Promise<Thing>((resume) => this.#waiting.push(resume)));
    try {
      return await work(thing);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(thing);
      else next(thing);
    }
  }
}
