import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { feedFields } from '../../src/fanout/feed-types.ts';
import { createSchema } from '../../src/schema.ts';

const schema = (message: string) =>
  buildSchema(`
    interface FeedItem { sequence: Int! }
    type Said implements FeedItem { sequence: Int!, message: Message! }
    type Gone implements FeedItem { sequence: Int! }
    union Item = Said | Gone
    type Message { text: String!, ${message} }
    type Profile { username: String! }
    type Viewer { email: String! }
    type Query { viewer: Viewer }
    type Subscription { feed: Item!, clock: Int!, presence: Viewer! }`);

test('every subscription to a feed is known, and reaches nothing that depends on the viewer', () => {
  expect([...feedFields(createSchema())].sort()).toEqual(
    expect.arrayContaining(['myFeed', 'scheduleFeed', 'videoEventFeed']),
  );
});

test('only subscriptions whose items are facts are feeds', () => {
  expect(feedFields(schema('author: Profile!'))).toEqual(new Set(['feed']));
});

test('a fact that reaches a type of the viewer is refused, and its way is told', () => {
  expect(() => feedFields(schema('readBy: [Viewer!]!'))).toThrow('Viewer (feed: Message.readBy)');
});
