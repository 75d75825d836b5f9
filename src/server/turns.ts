import { comeBackAfter } from '../come-back.ts';
import { RateLimitedError } from '../errors.ts';

/**
 * Operations of sockets begun in one round of the event loop; more waits for what the round brought besides, a live event's entries
 * above all. Few enough that these do not wait long, and enough that those who come back together after the loss of an instance
 * share the reads that authorise them.
 */
const perRound = 8;

/**
 * A network's next new document waits so many times as long as the last one took: ever other documents of one network take a
 * quarter of the time at most.
 */
const restsTimes = 3;

/** In ms: a round that took long for other reasons is not held against who sent a document in it. */
const longestRest = 250;

/** Different new documents of one network that wait at most: each is kept meanwhile. */
const mostNew = 256;

/** When there is likely to be room again, in ms. */
export const freeAfterMs = 1000;

interface Waiting {
  begin: () => void;
  counts: number;
}

/** A document that nobody sent before, and all of one network who did now. */
interface NewDocument {
  text: string;
  waiting: Waiting[];
}

/**
 * Who comes one after the other is begun at once. In a crowd each network has its turn, a few in each round of the event loop, and
 * beside them one document that nobody sent before: to parse and validate it may take as long as all the others. Who sent the
 * same meanwhile is begun with what is known.
 */
export class Turns {
  readonly #isNew: (text: string) => boolean;
  readonly #known = new Queues();
  /** By network and text, each in the order of their turns. */
  readonly #new = new Map<string, Map<string, NewDocument>>();
  /** Until when networks begin no new document, by performance.now(). */
  readonly #resting = new Map<string, number>();
  /** What is begun in this round, known ones counted. */
  #begun = 0;
  #parsing: { network: string; document: NewDocument; since: number } | null = null;
  #isDue = false;
  #alarm: NodeJS.Timeout | undefined;

  /** @param isNew whether a document would have to be parsed */
  constructor(isNew: (text: string) => boolean) {
    this.#isNew = isNew;
  }

  /**
   * Resolves when it has its turn. `text`: of a document; null: there is none, or it is the server's own. Throws RateLimitedError
   * when too many new documents of the network wait.
   */
  async next(network: string, counts: number, text: string | null = null): Promise<void> {
    const document = text !== null && this.#isNew(text) ? this.#newDocument(network, text) : null;
    this.#ask();
    await new Promise<void>((begin) => {
      const waiting = { begin, counts };
      if (document !== null) {
        document.waiting.push(waiting);
        if (this.#parsing === null && !this.#rests(network)) this.#parse(network, document);
      } else if (this.#begun < perRound) this.#begin(waiting);
      else this.#known.add(network, waiting);
    });
  }

  #newDocument(network: string, text: string): NewDocument {
    const all = this.#new.get(network) ?? new Map<string, NewDocument>();
    const known = all.get(text);
    if (known !== undefined) return known;
    if (all.size >= mostNew) throw new RateLimitedError(comeBackAfter(freeAfterMs));
    const document = { text, waiting: [] };
    this.#new.set(network, all.set(text, document));
    return document;
  }

  #ask(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(this.#round);
  }

  #begin({ begin, counts }: Waiting): void {
    this.#begun += counts;
    begin();
  }

  /** The first who sent it has it parsed; the others see next what became of it. */
  #parse(network: string, document: NewDocument): void {
    this.#remove(network, document);
    this.#parsing = { network, document, since: performance.now() };
    document.waiting.shift()?.begin();
  }

  readonly #round = (): void => {
    clearTimeout(this.#alarm);
    this.#isDue = false;
    this.#settle();
    this.#begun = 0;
    for (let next = this.#known.next(); next !== null; next = this.#begun < perRound ? this.#known.next() : null) {
      this.#begin(next);
    }
    this.#parseNext();
    if (this.#begun > 0 || this.#parsing !== null || !this.#known.isEmpty) this.#ask();
    else if (this.#new.size > 0) this.#alarm = setTimeout(this.#round, this.#shortestRest());
  };

  /** The new document of the round before has been parsed by now, or refused. */
  #settle(): void {
    const now = performance.now();
    for (const [network, until] of this.#resting) if (until <= now) this.#resting.delete(network);
    if (this.#parsing === null) return;
    const { network, document, since } = this.#parsing;
    this.#parsing = null;
    this.#resting.set(network, now + Math.min(restsTimes * (now - since), longestRest));
    if (document.waiting.length === 0) return;
    if (!this.#isNew(document.text)) {
      this.#letGo(network, document);
      return;
    }
    const others = this.#new.get(network) ?? new Map<string, NewDocument>();
    document.waiting.push(...(others.get(document.text)?.waiting ?? []));
    this.#new.set(network, others.set(document.text, document));
  }

  #parseNext(): void {
    for (const [network, documents] of this.#new) {
      for (const document of documents.values()) {
        if (this.#isNew(document.text)) break;
        this.#remove(network, document);
        this.#letGo(network, document);
      }
      const [first] = documents.values();
      if (first === undefined || this.#rests(network)) continue;
      this.#parse(network, first);
      // Behind the others.
      if (this.#new.delete(network) && documents.size > 0) this.#new.set(network, documents);
      return;
    }
  }

  #remove(network: string, { text }: NewDocument): void {
    const documents = this.#new.get(network);
    documents?.delete(text);
    if (documents?.size === 0) this.#new.delete(network);
  }

  /** It is known meanwhile. */
  #letGo(network: string, { waiting }: NewDocument): void {
    for (const one of waiting) this.#known.add(network, one);
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

  add(network: string, waiting: Waiting): void {
    const queue = this.#queues.get(network);
    if (queue === undefined) this.#queues.set(network, [waiting]);
    else queue.push(waiting);
  }

  /** The first of the network whose turn it is. Null: nobody waits. */
  next(): Waiting | null {
    const [turn] = this.#queues;
    if (turn === undefined) return null;
    const [network, queue] = turn;
    const waiting = queue.shift() ?? null;
    this.#queues.delete(network);
    if (queue.length > 0) this.#queues.set(network, queue);
    return waiting;
  }
}
