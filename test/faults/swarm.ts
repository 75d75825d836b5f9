import { setTimeout as pause } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { decodeCursor } from '../../src/feed/cursor.ts';
import { until } from '../wait.ts';
import type { Received } from './oracle.ts';

export const feedDocument = `subscription($eventId: ID!, $after: String) {
  videoEventFeed(eventId: $eventId, after: $after) {
    __typename ... on FeedItem { cursor sequence } ... on MessageSent { message { text } } } }`;

interface Item {
  __typename: string;
  cursor: string;
  sequence: number;
  message?: { text: string };
}

export interface WatcherOptions {
  /** Where to connect, in this order, round and round: the first at first, the next after each loss. */
  urls: readonly string[];
  eventId: string;
  /** The cursor behind which the feed is wanted. */
  after: string;
  token?: string | null;
}

/**
 * Somebody who watches an event and wants to miss nothing: a graphql-ws client that comes back after every loss, behind the last
 * item it got. The client re-sends the object it was given, so the place is kept up to date in there.
 */
export class Watcher {
  readonly received: Received[] = [];
  readonly resets: number[] = [];
  /** Close codes of its sockets so far. */
  readonly closes: number[] = [];
  /** How the operation ended, if it did: it should not, unless the test wants it. */
  ended: unknown = null;
  connections = 0;
  /** The present socket; null before the first. */
  socket: WebSocket | null = null;
  readonly variables: { eventId: string; after: string };
  /** Sequence of the cursor it began behind. */
  readonly start: number;
  readonly #client: Client;
  #closing = false;

  constructor({ urls, eventId, after, token = null }: WatcherOptions) {
    this.variables = { eventId, after };
    this.start = decodeCursor(after)?.sequence ?? 0;
    let attempts = 0;
    this.#client = createClient({
      url: () => `${(urls[attempts++ % urls.length] ?? '').replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: token === null ? {} : { accessToken: token },
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
      retryWait: () => pause(20 + Math.random() * 80),
      on: {
        connected: (socket) => {
          this.connections++;
          if (socket instanceof WebSocket) this.socket = socket;
        },
        closed: (event) => this.closes.push(event instanceof Object && 'code' in event ? Number(event.code) : 0),
      },
    });
    this.#client.subscribe<{ videoEventFeed: Item }, Record<string, unknown>>(
      { query: feedDocument, variables: this.variables },
      {
        next: ({ data, errors }) => {
          if (data == null) this.ended = errors;
          else this.#take(data.videoEventFeed);
        },
        error: (error) => {
          this.ended = error;
        },
        complete: () => {
          if (!this.#closing) this.ended ??= 'completed';
        },
      },
    );
  }

  /** Sequence of the newest item. */
  get last(): number {
    return this.received.at(-1)?.sequence ?? 0;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#client.dispose();
  }

  #take({ __typename, cursor, sequence, message }: Item): void {
    this.variables.after = cursor;
    if (__typename === 'FeedReset') this.resets.push(sequence);
    else this.received.push({ sequence, kind: __typename, text: message?.text ?? null, at: performance.now() });
  }
}

/** Many watchers, spread evenly over the instances; each goes on to the next instance when it loses its own. */
export class Swarm {
  readonly watchers: readonly Watcher[];

  constructor({ count, urls, ...options }: WatcherOptions & { count: number }) {
    this.watchers = Array.from({ length: count }, (_, place) => {
      const home = place % urls.length;
      return new Watcher({ ...options, urls: [...urls.slice(home), ...urls.slice(0, home)] });
    });
  }

  /** What each got. */
  get received(): Received[][] {
    return this.watchers.map(({ received }) => received);
  }

  /** Resolves when everybody has got the entry of this sequence, or a later one. */
  async reaches(sequence: number, limitMs = 60_000): Promise<void> {
    const behind = () => this.watchers.filter(({ last }) => last < sequence);
    await until(() => behind().length === 0, { limitMs, what: `everybody to get entry ${sequence}` }).catch((error) => {
      const some = behind().slice(0, 5);
      throw new Error(
        `${behind().length} of ${this.watchers.length} did not get entry ${sequence}; they have ${some.map(({ last }) => last)}, ends ${JSON.stringify(some.map(({ ended }) => ended))}`,
        { cause: error },
      );
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.watchers.map((watcher) => watcher.close()));
  }
}
