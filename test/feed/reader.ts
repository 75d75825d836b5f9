import type { Entry } from '../../src/feed/entry.ts';
import type { FeedItem, Subscriber } from '../../src/feed/subscriber.ts';
import { until } from '../wait.ts';

/** Reads a subscription as fast as it goes, as a good client's socket does, and keeps what came. */
export class Reader {
  readonly items: FeedItem[] = [];
  /** How the subscription ended: null while it goes on. */
  outcome: 'done' | { threw: unknown } | null = null;
  readonly subscriber: Subscriber;

  constructor(subscriber: Subscriber) {
    this.subscriber = subscriber;
    void this.#read();
  }

  async #read(): Promise<void> {
    try {
      for await (const item of this.subscriber) this.items.push(item);
      this.outcome = 'done';
    } catch (error) {
      this.outcome = { threw: error };
    }
  }

  get entries(): Entry[] {
    return this.items.flatMap((item) => (item.type === 'entry' ? [item.entry] : []));
  }

  get sequences(): number[] {
    return this.entries.map(({ sequence }) => sequence);
  }

  /** What came but entries: `reset OLD_EPOCH`, `end FORBIDDEN`. */
  get marks(): string[] {
    return this.items.flatMap((item) => {
      if (item.type === 'entry') return [];
      return item.type === 'reset' ? [`reset ${item.reason}`] : [`end ${item.error.code}`];
    });
  }

  async reached(sequence: number): Promise<void> {
    await until(() => this.items.some((item) => item.type === 'entry' && item.entry.sequence >= sequence), {
      what: `entry ${sequence}; the last was ${this.sequences.at(-1)}`,
    });
  }
}

export interface Comparison {
  lost: number;
  twice: number;
  outOfOrder: number;
}

export const flawless: Comparison = { lost: 0, twice: 0, outOfOrder: 0 };

/** What a subscriber received against what the log holds. */
export function compare(expected: readonly number[], received: readonly number[]): Comparison {
  const seen = new Set(received);
  return {
    lost: expected.filter((sequence) => !seen.has(sequence)).length,
    twice: received.length - seen.size,
    outOfOrder: received.filter((sequence, index) => index > 0 && sequence < (received[index - 1] ?? 0)).length,
  };
}
