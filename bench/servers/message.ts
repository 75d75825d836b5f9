import { Redis } from 'ioredis';
import { messageSent } from '../../src/chat/entries.ts';
import { readCommitted } from '../../src/feed/doorbell.ts';
import type { Entry } from '../../src/feed/entry.ts';

/** As long as a real one. */
const cursor = Buffer.from(`1|event:${crypto.randomUUID()}|0123456789ab|12345`).toString('base64url');

/** The items of a feed as Ovation delivers them, for its peers: they hear of commits as it does, and send the same bytes. */
export async function follow(feed: string, take: (item: ReturnType<typeof itemOf>) => void): Promise<void> {
  const redis = new Redis(process.env.REDIS_URL ?? '');
  redis.on('message', (_channel, message) => {
    for (const entry of readCommitted(message)?.entries ?? []) take(itemOf(entry));
  });
  await redis.subscribe(`ovation:feed:${feed}`);
}

export function itemOf(entry: Entry) {
  if (!messageSent.is(entry)) throw new Error(`a bench sends no ${entry.kind}`);
  const { text, actor } = entry.payload;
  return {
    __typename: 'MessageSent',
    cursor,
    sequence: entry.sequence,
    occurredAt: new Date(entry.occurredAt).toISOString(),
    message: { text, author: { displayName: actor.displayName } },
  };
}

export const schemaText = `
  type Query { nothing: String }
  type Author { displayName: String! }
  type Message { text: String!, author: Author! }
  interface FeedItem { cursor: String!, sequence: Int!, occurredAt: String! }
  type MessageSent implements FeedItem { cursor: String!, sequence: Int!, occurredAt: String!, message: Message! }
  type MessageRemoved implements FeedItem { cursor: String!, sequence: Int!, occurredAt: String! }
  union VideoEventFeedItem = MessageSent | MessageRemoved
  type Subscription { videoEventFeed(eventId: ID!, after: String): VideoEventFeedItem! }`;
