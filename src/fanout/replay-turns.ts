/** Who has more to read than leaves in one write. */
export interface Replaying {
  /** What is read, and how far. */
  readonly source: { readonly follows: string; readonly position: number };
  /** Nobody reads it any more. */
  readonly over: boolean;
  /** It may read on. */
  readOn(): void;
}

/** Writes of what was missed in one round of the event loop: what the present brings waits for them. */
const perRound = 16;

/** A sweep that takes longer ends, in ms: who came behind it does not wait for ever. */
const longestSweep = 2000;

/**
 * Those who read what they missed take turns, a few in each round of the event loop, of one feed. They are served as an elevator
 * does: from the one furthest behind to the end, then anew with those who came meanwhile. So what was executed for the first of a crowd
 * is still remembered for the last, however many they are.
 */
export class ReplayTurns {
  /** By what is followed, in the order of their turns. */
  readonly #sweeps = new Map<string, Sweep>();
  #isDue = false;

  /** Calls `readOn` when it is their turn, in a later round of the event loop. */
  wait(who: Replaying): void {
    const { follows } = who.source;
    let sweep = this.#sweeps.get(follows);
    if (sweep === undefined) {
      sweep = new Sweep();
      this.#sweeps.set(follows, sweep);
    }
    sweep.add(who);
    this.#ask();
  }

  #ask(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(this.#round);
  }

  readonly #round = (): void => {
    this.#isDue = false;
    const [turn] = this.#sweeps;
    if (turn === undefined) return;
    const [follows, sweep] = turn;
    this.#sweeps.delete(follows);
    const begun = sweep.next(perRound);
    // Behind the others, and where those who are begun now find it.
    if (!sweep.isOver) this.#sweeps.set(follows, sweep);
    for (const who of begun) who.readOn();
    if (this.#sweeps.size > 0) this.#ask();
  };
}

interface Waiting {
  readonly who: Replaying;
  readonly position: number;
  readonly since: number;
}

/** Of one feed. */
class Sweep {
  /** By position; of the same one, in the order in which they came. */
  #waiting: Waiting[] = [];
  /** Who is further behind waits for the next sweep. */
  #from = 0;
  #begunAt = performance.now();

  get isOver(): boolean {
    return this.#waiting.length === 0;
  }

  add(who: Replaying): void {
    const { position } = who.source;
    this.#waiting.splice(this.#placeBehind(position), 0, { who, position, since: performance.now() });
  }

  /** The next ones, at most so many, without those who are over. */
  next(count: number): Replaying[] {
    const now = performance.now();
    this.#waiting = this.#waiting.filter(({ who }) => !who.over);
    if (now - this.#begunAt > longestSweep) this.#begin(this.#longestWaiting(), now);
    const begun = this.#waiting.splice(this.#placeBehind(this.#from - 1), count);
    if (begun.length === 0 && this.#waiting.length > 0) {
      this.#begin(this.#waiting[0], now);
      begun.push(...this.#waiting.splice(0, count));
    }
    this.#from = begun.at(-1)?.position ?? 0;
    return begun.map(({ who }) => who);
  }

  #begin(first: Waiting | undefined, now: number): void {
    this.#from = first?.position ?? 0;
    this.#begunAt = now;
  }

  #longestWaiting(): Waiting | undefined {
    return this.#waiting.reduce((a, b) => (b.since < a.since ? b : a));
  }

  /** Where somebody at this position is put: behind all who are no further. */
  #placeBehind(position: number): number {
    let [low, high] = [0, this.#waiting.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#waiting[middle]?.position ?? 0) > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
