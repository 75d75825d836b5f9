import type { Broker, BrokerChange, BrokerState } from '../../src/realtime/broker.ts';

/** What becomes of a message on its way to one listener: call `deliver` never, later, or more than once. */
export type Fate = (deliver: () => void, message: string) => void;

export const delivered: Fate = (deliver) => deliver();
export const lost: Fate = () => {};
/** Messages that hold this text are lost. */
export const losing =
  (text: string): Fate =>
  (deliver, message) => {
    if (!message.includes(text)) deliver();
  };

/** One instance's side of a network that loses, repeats, delays and reorders what the other sides publish. */
export interface Side extends Broker {
  /** @default everything is delivered at once */
  fate: Fate;
  /** The broker's state changes, as this instance sees it. */
  change(change: BrokerChange): void;
}

export function createSide(broker: Broker): Side {
  const listeners = new Set<(change: BrokerChange) => void>();
  let state: BrokerState = 'up';
  const side: Side = {
    kind: broker.kind,
    get state() {
      return state;
    },
    get channels() {
      return broker.channels;
    },
    fate: delivered,
    publish: (channel, message) => broker.publish(channel, message),
    async subscribe(channel, listener) {
      let left = false;
      const leave = await broker.subscribe(channel, (message) =>
        side.fate(() => {
          if (!left) listener(message);
        }, message),
      );
      return async () => {
        left = true;
        await leave();
      };
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    change(change) {
      if (change !== 'gap') state = change;
      for (const listener of listeners) listener(change);
    },
    close: () => broker.close(),
  };
  return side;
}

/** Numbers in [0, 1) that a seed repeats (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Loses and repeats a share of the messages, and delays (so reorders) another by up to `delayMs`. */
export function storm({
  seed,
  drop = 0.2,
  repeat = 0.2,
  delay = 0.4,
  delayMs = 120,
}: {
  seed: number;
  drop?: number;
  repeat?: number;
  delay?: number;
  delayMs?: number;
}): Fate {
  const random = randomFrom(seed);
  const arrive = (deliver: () => void): void => {
    if (random() < delay) setTimeout(deliver, random() * delayMs).unref();
    else deliver();
  };
  return (deliver) => {
    if (random() < drop) return;
    arrive(deliver);
    if (random() < repeat) arrive(deliver);
  };
}
