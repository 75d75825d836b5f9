import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { liveFields } from '../../src/fanout/live-types.ts';
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

test('every subscription to a feed or a pulse is known, and reaches nothing that depends on the viewer', () => {
  expect([...liveFields(createSchema())].sort()).toEqual(
    expect.arrayContaining(['leaderboard', 'myFeed', 'scheduleFeed', 'videoEventFeed', 'videoEventPulse']),
  );
});

test('only subscriptions whose items are facts or latest values are served together', () => {
  expect(liveFields(schema('author: Profile!'))).toEqual(new Set(['feed']));
});

test('a fact that reaches a type of the viewer is refused, and its way is told', () => {
  expect(() => liveFields(schema('readBy: [Viewer!]!'))).toThrow('Viewer (feed: Message.readBy)');
});
