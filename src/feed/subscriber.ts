import type { DomainError } from '../errors.ts';
import type { Audience, Entry } from './entry.ts';
import type { Pages } from './pages.ts';
import type { Tail } from './tail.ts';

/** Why a subscriber was not continued from where it wanted. */
export type ResetReason = 'MALFORMED_CURSOR' | 'FOREIGN_CURSOR' | 'OLD_EPOCH' | 'EXPIRED';

export type FeedItem =
  | { readonly type: 'entry'; readonly entry: Entry; readonly epoch: string }
  | {
      readonly type: 'reset';
      readonly reason: ResetReason;
      readonly feed: string;
      readonly epoch: string;
      readonly sequence: number;
    }
  /** The last item: the subscription was ended by the server. */
  | { readonly type: 'end'; readonly error: DomainError };

export interface SubscriberOptions {
  feed: string;
  tail: Tail;
  pages: Pages;
  /** Entries after this sequence are wanted. */
  sequence: number;
  /** Set when the wanted place does not exist: the first item says so. */
  reset: ResetReason | null;
  audiences: ReadonlySet<Audience>;
  /** Null: every kind. */
  kinds: ReadonlySet<string> | null;
  /** Its reader listens from now on. */
  onListen: (subscriber: Subscriber) => void;
  onClose: (subscriber: Subscriber) => void;
}

const done = { done: true, value: undefined } as const;
/** After a failed read (the database is away) the next one waits this long, in ms. */
const retryMs = 250;

/**
 * One live operation: a cursor over its feed's shared tail, not a queue. It costs the same however far behind its reader is,
 * and a reader that stops costs nobody anything. It has one reader, which either calls `next`, one call at a time, or listens
 * and polls. `next` never rejects: while the database is away a reader of the past waits, as one of the present does, and goes
 * on without a loss.
 */
export class Subscriber implements AsyncIterableIterator<FeedItem> {
  readonly #options: SubscriberOptions;
  #sequence: number;
  #epoch: string;
  #life: number;
  #reset: ResetReason | null;
  #page: readonly Entry[] = [];
  #turning = false;
  #retry: NodeJS.Timeout | null = null;
  /** How often pages were forgotten: one that was on its way then is not to be read. */
  #forgotten = 0;
  #wake: (() => void) | null = null;
  #listener: (() => void) | null = null;
  #afterwards: (() => void)[] = [];
  #ending: DomainError | null = null;
  #closed = false;
  #audiences: ReadonlySet<Audience>;

  constructor(options: SubscriberOptions) {
    this.#options = options;
    this.#sequence = options.sequence;
    this.#epoch = options.tail.epoch;
    this.#life = options.tail.life;
    this.#reset = options.reset;
    this.#audiences = options.audiences;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The feed's name. */
  get follows(): string {
    return this.#options.feed;
  }

  /** The sequence behind which it reads on. */
  get position(): number {
    return this.#sequence;
  }

  /** How many entries there are behind its position. */
  get missed(): number {
    return this.#options.tail.last - this.#sequence;
  }

  async next(): Promise<IteratorResult<FeedItem, undefined>> {
    for (;;) {
      const result = this.poll();
      if (result !== null) return result;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** What `next` would resolve to, if that can be had without waiting. Null: it cannot; the listener is told when to ask again. */
  poll(): IteratorResult<FeedItem, undefined> | null {
    if (this.#closed) return done;
    if (this.#ending !== null) {
      const error = this.#ending;
      this.#leave();
      return { done: false, value: { type: 'end', error } };
    }
    const item = this.#life === this.#options.tail.life ? this.#ready() : this.#restart('OLD_EPOCH');
    if (item !== null) return { done: false, value: item };
    // Not awaited: whoever closes or ends the subscription must not wait for the database.
    if (this.#sequence < this.#options.tail.floor && !this.#turning) void this.#turnPage();
    return null;
  }

  /** From now on `onReady` is called whenever `poll` may have something. Entries may be collected for it (FANOUT_WINDOW_MS). */
  listen(onReady: () => void): void {
    const first = this.#listener === null;
    this.#listener = onReady;
    if (first && !this.#closed) this.#options.onListen(this);
  }

  /** Calls back once the subscription is over, whoever ended it; at once if it is over already. */
  onClosed(callback: () => void): void {
    if (this.#closed) callback();
    else this.#afterwards.push(callback);
  }

  async return(): Promise<IteratorResult<FeedItem, undefined>> {
    this.#close();
    return done;
  }

  /** There may be something to read. A reader that waits for its page is woken by that. */
  wake(): void {
    if (!this.#turning) this.#rouse();
  }

  /** Delivers `error` as the last item, ahead of anything not yet read. */
  end(error: DomainError): void {
    this.#ending ??= error;
    this.#rouse();
  }

  /** From the next entry on, these audiences are read. */
  admit(audiences: ReadonlySet<Audience>): void {
    this.#audiences = audiences;
  }

  /** Pages read before now may tell what was redacted since. */
  forgetPage(): void {
    this.#page = [];
    this.#forgotten++;
  }

  /** The next item that can be had without waiting. Replay and live meet here, in one synchronous step. */
  #ready(): FeedItem | null {
    const { tail } = this.#options;
    if (this.#reset !== null) return this.#restart(this.#reset);
    for (;;) {
      const entry = this.#sequence >= tail.floor ? this.#fromTail(tail) : this.#fromPage();
      if (entry === undefined) return null;
      this.#sequence = entry.sequence;
      if (this.#wants(entry)) return { type: 'entry', entry, epoch: this.#epoch };
    }
  }

  #fromTail(tail: Tail): Entry | undefined {
    // A reader that has caught up needs its page no more.
    if (this.#page.length > 0) this.#page = [];
    return this.#sequence < tail.last ? tail.at(this.#sequence + 1) : undefined;
  }

  #fromPage(): Entry | undefined {
    const [first] = this.#page;
    return first === undefined ? undefined : this.#page[this.#sequence + 1 - first.sequence];
  }

  async #turnPage(): Promise<void> {
    const { pages, feed, tail } = this.#options;
    const { life } = tail;
    const forgotten = this.#forgotten;
    this.#turning = true;
    try {
      const page = await pages.after(feed, this.#sequence);
      if (tail.life === life && this.#forgotten === forgotten) {
        // The entries were pruned between the cursor and the log's floor.
        if (page[0]?.sequence !== this.#sequence + 1) this.#reset = 'EXPIRED';
        this.#page = page;
      }
    } catch {
      await this.#pause();
    }
    this.#turning = false;
    this.#rouse();
  }

  /** Until the next attempt to read; for ever once closed. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#closed) this.#retry = setTimeout(resolve, retryMs);
    });
  }

  #rouse(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
    this.#listener?.();
  }

  #restart(reason: ResetReason): FeedItem {
    const { tail, feed } = this.#options;
    this.#reset = null;
    this.#page = [];
    this.#epoch = tail.epoch;
    this.#life = tail.life;
    this.#sequence = tail.last;
    return { type: 'reset', reason, feed, epoch: tail.epoch, sequence: tail.last };
  }

  #wants(entry: Entry): boolean {
    const { kinds } = this.#options;
    return this.#audiences.has(entry.audience) && (kinds === null || kinds.has(entry.kind));
  }

  #close(): void {
    this.#leave();
    this.#rouse();
  }

  #leave(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#page = [];
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#options.onClose(this);
    for (const callback of this.#afterwards.splice(0)) callback();
  }
}
