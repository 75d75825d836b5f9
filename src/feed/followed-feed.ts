import type { Log } from '../log.ts';
import type { Entry } from './entry.ts';
import type { Top } from './log.ts';
import type { ReadEntries } from './pages.ts';
import { Tail } from './tail.ts';
import type { Committed } from './unit-of-work.ts';

/** How long a hole may be the broker's doing (two instances' messages crossed) before it is read from the log, in ms. */
const graceMs = 50;
/** Entries a repair reads at a time. */
const repairPage = 512;
/** After a failed read (the database is away) the next one waits this long, in ms. */
const retryMs = 250;

export interface FollowedFeedDeps {
  top: Top;
  tailSize: number;
  read: ReadEntries;
  log: Log;
  /** Called after new entries or a reset. `redacted`: what was read of the log before now may tell too much. */
  onChange: (change: { redacted: boolean }) => void;
}

/**
 * One feed in use on this instance: keeps its tail in step with the log. Entries come through the broker as a rule; one that
 * leaves a hole is held until the hole is filled, by the broker's late message or by reading the log.
 */
export class FollowedFeed {
  readonly tail: Tail;
  /** Holes that were read from the log so far. */
  repairs = 0;
  /** Entries up to this sequence are no longer kept, as far as the log was asked. */
  floor: number;
  readonly #deps: FollowedFeedDeps;
  readonly #early = new Map<number, Entry>();
  #known: number;
  #timer: NodeJS.Timeout | null = null;
  #repairing = false;
  #closed = false;

  constructor(deps: FollowedFeedDeps) {
    this.#deps = deps;
    this.tail = new Tail({ epoch: deps.top.epoch, last: deps.top.sequence, size: deps.tailSize });
    this.#known = deps.top.sequence;
    this.floor = deps.top.floor;
  }

  get name(): string {
    return this.#deps.top.feed;
  }

  /** What a commit stated, here or on another instance; in any order, any number of times. */
  take({ epoch, entries }: Pick<Committed, 'epoch' | 'entries'>): void {
    // A message of another epoch is older or newer than this log; the position check knows which.
    if (this.#closed || epoch !== this.tail.epoch) return;
    for (const entry of entries) {
      if (entry.sequence <= this.tail.last) continue;
      this.#known = Math.max(this.#known, entry.sequence);
      // Bounded: past the tail's size the log is read anyway.
      if (this.#early.size < this.tail.size) this.#early.set(entry.sequence, entry);
    }
    this.#advance();
    this.#mindTheGap(graceMs);
  }

  /** What the log says of itself, and where the tail stood when it was asked: the answer may be older than the tail. */
  check(top: Top, lastWhenAsked: number): void {
    if (this.#closed) return;
    this.floor = top.floor;
    if (top.epoch !== this.tail.epoch || top.sequence < lastWhenAsked) {
      this.#early.clear();
      this.#known = top.sequence;
      this.tail.reset({ epoch: top.epoch, last: top.sequence });
      this.#deps.onChange({ redacted: true });
      return;
    }
    this.#known = Math.max(this.#known, top.sequence);
    this.#mindTheGap(graceMs);
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #advance(): void {
    let redacted = false;
    const before = this.tail.last;
    for (;;) {
      const next = this.#early.get(this.tail.last + 1);
      if (next === undefined) break;
      this.#early.delete(next.sequence);
      this.tail.push(next);
      redacted ||= next.redacts !== null;
    }
    if (this.tail.last > before) this.#deps.onChange({ redacted });
  }

  #mindTheGap(delayMs: number): void {
    if (this.#known <= this.tail.last || this.#timer !== null || this.#repairing || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#repair();
    }, delayMs);
  }

  /** Reads what is missing until nothing is. */
  async #repair(): Promise<void> {
    if (this.#known <= this.tail.last) return;
    this.#repairing = true;
    let failed = false;
    try {
      while (this.#known > this.tail.last && !this.#closed) {
        const { life, last } = this.tail;
        const known = this.#known;
        const entries = await this.#deps.read(this.name, last, repairPage);
        if (this.#closed || this.tail.life !== life) return;
        this.repairs++;
        if (entries.length === 0) this.#doubt(last, known);
        else this.#fill(entries);
      }
    } catch (error) {
      if (this.#closed) return;
      failed = true;
      this.#deps.log.warn({ err: error, feed: this.name }, 'missing entries could not be read; trying again');
    } finally {
      this.#repairing = false;
      for (const sequence of this.#early.keys()) if (sequence <= this.tail.last) this.#early.delete(sequence);
      this.#mindTheGap(failed ? retryMs : graceMs);
    }
  }

  #fill(entries: readonly Entry[]): void {
    const [first] = entries;
    if (first !== undefined && first.sequence > this.tail.last + 1) {
      // What was pruned before this instance saw it is behind everybody's back now: their cursors say so. A redaction may be
      // among it.
      this.tail.skipTo(first.sequence - 1);
      this.#deps.onChange({ redacted: true });
    }
    for (const entry of entries) if (entry.sequence > this.tail.last) this.#early.set(entry.sequence, entry);
    this.#advance();
  }

  /** The log holds nothing after `last`, though `known` was announced: the log is right. The position check has the last word. */
  #doubt(last: number, known: number): void {
    if (this.tail.last !== last || this.#known !== known) return;
    this.#deps.log.warn({ feed: this.name, last, known }, 'entries were announced that the log does not hold');
    this.#early.clear();
    this.#known = last;
  }
}
