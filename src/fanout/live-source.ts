import type { FeedItem } from '../feed/subscriber.ts';
import { Subscriber } from '../feed/subscriber.ts';
import type { PulseItem } from '../pulse/follower.ts';
import { PulseFollower } from '../pulse/follower.ts';

/** What the items of a live operation can be. */
export type LiveItem = FeedItem | PulseItem<unknown>;

/** What a live operation reads: a place in a feed, or an event's pulse. */
export interface LiveSource {
  /** Its feed, or its pulse: equal for sources that yield the same items. */
  readonly follows: string;
  /** Grows with what was read: of those that follow the same, who has the smaller one is behind. */
  readonly position: number;
  /** How many there are that were not read, those counted that it does not yield. */
  readonly missed: number;
  /** The next item, if it can be had without waiting. Null: it cannot; the listener is told when to ask again. */
  poll(): IteratorResult<LiveItem, undefined> | null;
  listen(onReady: () => void): void;
  return(): Promise<unknown>;
}

export const isLiveSource = (source: unknown): source is LiveSource =>
  source instanceof Subscriber || source instanceof PulseFollower;
