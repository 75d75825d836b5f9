import { type Entry, redacted } from './entry.ts';

/**
 * The recent entries of one feed, without holes: what an instance's subscribers read from. Holds the last `size` entries;
 * whoever is further behind reads from the database.
 */
export class Tail {
  readonly size: number;
  epoch: string;
  /** Raised when the log became another one: a place that was read before means nothing in it, whatever its epoch says. */
  life = 0;
  /** Sequence of the newest entry known here. */
  last: number;
  /** Entries after this sequence are held here; never above `last`. */
  floor: number;
  readonly #ring: (Entry | undefined)[];

  constructor({ epoch, last, size }: { epoch: string; last: number; size: number }) {
    this.size = size;
    this.epoch = epoch;
    this.last = last;
    this.floor = last;
    this.#ring = new Array(size);
  }

  /** Takes the next entry. The caller has made sure that it is the next. */
  push(entry: Entry): void {
    if (entry.sequence !== this.last + 1) throw new Error(`entry ${entry.sequence} does not follow ${this.last}`);
    if (entry.redacts !== null) this.#redact(entry.redacts);
    this.#ring[entry.sequence % this.size] = entry;
    this.last = entry.sequence;
    this.floor = Math.max(this.floor, this.last - this.size);
  }

  /** The entry with this sequence, which lies above `floor` and not above `last`. */
  at(sequence: number): Entry {
    const entry = this.#ring[sequence % this.size];
    if (entry === undefined || entry.sequence !== sequence) throw new Error(`entry ${sequence} is not in the tail`);
    return entry;
  }

  /** Starts anew at another place: the log is another one now. */
  reset({ epoch, last }: { epoch: string; last: number }): void {
    this.epoch = epoch;
    this.life++;
    this.skipTo(last);
  }

  /** Goes on behind `last` in the same log: what lies before is not held here any more. */
  skipTo(last: number): void {
    this.last = last;
    this.floor = last;
    this.#ring.fill(undefined);
  }

  #redact(redaction: NonNullable<Entry['redacts']>): void {
    for (let sequence = this.floor + 1; sequence <= this.last; sequence++) {
      this.#ring[sequence % this.size] = redacted(this.at(sequence), redaction);
    }
  }
}
