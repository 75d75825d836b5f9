import { comeBackAfter } from '../come-back.ts';
import { RateLimitedError } from '../errors.ts';

/**
 * Begun in one round of the event loop; more waits for what the round brought besides. Enough that those who come back together
 * after the loss of an instance share the reads that authorise them.
 */
const perRound = 32;

/**
 * A network's next new document waits so many times as long as the last one took: ever other documents of one network take a
 * quarter of the time at most.
 */
const restsTimes = 3;

/** In ms: a round that took long for other reasons is not held against who sent a document in it. */
const longestRest = 250;

/** New documents of one network that wait at most: each is kept meanwhile. */
const mostFresh = 256;

/** When there is likely to be room again, in ms. */
const freeAfterMs = 1000;

interface Waiting {
  begin: () => void;
  counts: number;
  isNew: () => boolean;
}

/**
 * Who comes one after the other is begun at once. In a crowd each network has its turn, a few in each round of the event loop, and
 * beside them one document that nobody sent before: to parse and validate it may take as long as all the others.
 */
export class Turns {
  readonly #known = new Queues();
  readonly #fresh = new Queues();
  /** Until when networks begin no new document, by performance.now(). */
  readonly #resting = new Map<string, number>();
  /** What is begun in this round, known ones counted. */
  #begun = 0;
  #parsing: { network: string; since: number } | null = null;
  #isDue = false;
  #alarm: NodeJS.Timeout | undefined;

  /**
   * Resolves when it has its turn. `isNew` is asked again then: what many sent at once is new for the first of them. Throws
   * RateLimitedError when too many new documents of the network wait.
   */
  async next(network: string, counts: number, isNew: () => boolean = () => false): Promise<void> {
    const fresh = isNew();
    if (fresh && this.#fresh.of(network) >= mostFresh) throw new RateLimitedError(comeBackAfter(freeAfterMs));
    this.#ask();
    await new Promise<void>((begin) => {
      const waiting = { begin, counts, isNew };
      const mayBegin = fresh ? this.#parsing === null && !this.#rests(network) : this.#begun < perRound;
      if (mayBegin) this.#begin(network, waiting);
      else (fresh ? this.#fresh : this.#known).add(network, waiting);
    });
  }

  #ask(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(this.#round);
  }

  #begin(network: string, { begin, counts, isNew }: Waiting): void {
    if (isNew()) this.#parsing = { network, since: performance.now() };
    else this.#begun += counts;
    begin();
  }

  readonly #round = (): void => {
    clearTimeout(this.#alarm);
    this.#isDue = false;
    this.#settle();
    this.#begun = 0;
    while (this.#begun < perRound && this.#take(this.#known)) {}
    while (this.#begun < perRound && this.#parsing === null && this.#take(this.#fresh)) {}
    if (this.#begun > 0 || this.#parsing !== null) this.#ask();
    else if (!this.#fresh.isEmpty) this.#alarm = setTimeout(this.#round, this.#shortestRest());
  };

  #take(queues: Queues): boolean {
    const next = queues.next((network, { isNew }) => isNew() && this.#rests(network));
    if (next !== null) this.#begin(next.network, next.waiting);
    return next !== null;
  }

  /** The new document of the round before has been parsed by now. */
  #settle(): void {
    const now = performance.now();
    for (const [network, until] of this.#resting) if (until <= now) this.#resting.delete(network);
    if (this.#parsing === null) return;
    const { network, since } = this.#parsing;
    this.#resting.set(network, now + Math.min(restsTimes * (now - since), longestRest));
    this.#parsing = null;
  }

  #rests(network: string): boolean {
    return (this.#resting.get(network) ?? 0) > performance.now();
  }

  #shortestRest(): number {
    return Math.max(1, Math.min(...this.#resting.values()) - performance.now());
  }
}

/** A queue for each network; the networks take turns. */
class Queues {
  /** In the order of their turns. */
  readonly #queues = new Map<string, Waiting[]>();

  get isEmpty(): boolean {
    return this.#queues.size === 0;
  }

  /** How many of this network wait. */
  of(network: string): number {
    return this.#queues.get(network)?.length ?? 0;
  }

  add(network: string, waiting: Waiting): void {
    const queue = this.#queues.get(network);
    if (queue === undefined) this.#queues.set(network, [waiting]);
    else queue.push(waiting);
  }

  /** The first of the network whose turn it is. Null: there is none, or all that wait are passed over. */
  next(passOver: (network: string, first: Waiting) => boolean): { network: string; waiting: Waiting } | null {
    for (const [network, queue] of this.#queues) {
      const [waiting] = queue;
      if (waiting === undefined || passOver(network, waiting)) continue;
      queue.shift();
      this.#queues.delete(network);
      if (queue.length > 0) this.#queues.set(network, queue);
      return { network, waiting };
    }
    return null;
  }
}
