import type { Audience, Entry } from '../../src/feed/entry.ts';
import type { Top } from '../../src/feed/log.ts';
import type { FeedItem } from '../../src/feed/subscriber.ts';

/** What a subscriber asked for. */
export interface Wanted {
  audiences: ReadonlySet<Audience>;
  kinds: ReadonlySet<string> | null;
  /** Null: from now, as of when the log's top was `since`. */
  after: number | null;
  since: number;
  /** Of the log at that time. */
  epoch: string;
}

/** The log between two restores. */
interface Era {
  epoch: string;
  /** By sequence - 1, those that are no longer kept too. */
  entries: Entry[];
  floor: number;
}

/** Where what was received leads. */
export interface Place {
  /** Of History's eras. */
  era: number;
  sequence: number;
  resets: number;
}

/** All that a feed ever held, and with it the verdict on what somebody received of it. */
export class History {
  readonly #eras: Era[] = [];

  /** The log as it is now: all its entries and its top. To be told before anything is taken away from it, and after. */
  learn({ epoch, floor }: Top, entries: readonly Entry[]): void {
    if (this.#now?.epoch !== epoch) {
      const kept = this.#now?.entries.slice(0, entries.at(-1)?.sequence ?? 0) ?? [];
      this.#eras.push({ epoch, entries: kept, floor: 0 });
    }
    const now = this.#now;
    if (now === undefined) return;
    for (const entry of entries) now.entries[entry.sequence - 1] = entry;
    now.floor = Math.max(now.floor, floor);
  }

  get #now(): Era | undefined {
    return this.#eras.at(-1);
  }

  /** Nothing that is wanted lies behind this place. */
  isEnd({ era, sequence }: Place, wanted: Wanted): boolean {
    if (era !== this.#eras.length - 1) return false;
    return !(this.#now?.entries ?? []).slice(sequence).some((entry) => wants(wanted, entry));
  }

  /**
   * Follows what was received. Each entry must be the next of those wanted, as the log has it; each reset must have its reason
   * in what became of the log, and the rest goes on from where it says.
   * @throws Error that tells the first item for which this does not hold
   */
  follow(received: readonly FeedItem[], wanted: Wanted): Place {
    let { era, sequence } = { era: this.#eraOf(wanted.epoch), sequence: wanted.after ?? wanted.since };
    let resets = 0;
    // From now: an instance that has not heard of the latest entries may begin with these.
    let vague = wanted.after === null;
    for (const [number, item] of received.entries()) {
      const wrong = (why: string) =>
        new Error(`item ${number} ${why}: ${JSON.stringify(item)}, after ${sequence} of era ${era}, ${this}`);
      if (item.type === 'end') throw wrong('is an end');
      const itsEra = this.#eraOf(item.epoch);
      if (item.type === 'reset') {
        if (!this.#mayReset(item.reason, { era, sequence: vague ? 0 : sequence })) throw wrong('has no reason');
        resets++;
        sequence = item.sequence;
      } else {
        if (vague) sequence = itsEra < era ? item.entry.sequence - 1 : Math.min(sequence, item.entry.sequence - 1);
        else if (itsEra !== era) throw wrong('is of another era');
        const skipped = Array.from({ length: item.entry.sequence - sequence - 1 }, (_, place) => sequence + 1 + place);
        if (item.entry.sequence <= sequence) throw wrong('is not behind the one before');
        if (!this.#holds(itsEra, item.entry) || !wants(wanted, item.entry)) throw wrong('is not as the log has it');
        if (!skipped.every((one) => this.#isUnwanted(itsEra, one, wanted))) throw wrong('leaves out what is wanted');
        sequence = item.entry.sequence;
      }
      era = itsEra;
      vague = false;
    }
    return { era, sequence, resets };
  }

  toString(): string {
    return JSON.stringify(this.#eras.map(({ epoch, entries, floor }) => ({ epoch, floor, last: entries.length })));
  }

  #eraOf(epoch: string): number {
    const era = this.#eras.findIndex((one) => one.epoch === epoch);
    if (era < 0) throw new Error(`there never was an epoch ${epoch}`);
    return era;
  }

  /** Until an instance has heard of a restore, it may read the new log under the old name; its readers are reset soon. */
  #since(era: number): Era[] {
    return this.#eras.slice(era);
  }

  #holds(era: number, { sequence, payload }: Entry): boolean {
    return this.#since(era).some(({ entries }) => entries[sequence - 1]?.payload.text === payload.text);
  }

  #isUnwanted(era: number, sequence: number, wanted: Wanted): boolean {
    return this.#since(era).some(({ entries }) => {
      const entry = entries[sequence - 1];
      return entry !== undefined && !wants(wanted, entry);
    });
  }

  #mayReset(reason: string, { era, sequence }: Omit<Place, 'resets'>): boolean {
    // A log that was restored may lack what its old name promised, before it is known by its new one.
    if (reason === 'EXPIRED')
      return era < this.#eras.length - 1 || this.#since(era).some(({ floor }) => floor > sequence);
    return (reason === 'OLD_EPOCH' || reason === 'FOREIGN_CURSOR') && this.#eras.length > 1;
  }
}

function wants({ audiences, kinds }: Wanted, { audience, kind }: Entry): boolean {
  return audiences.has(audience) && (kinds === null || kinds.has(kind));
}
