import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { feeds } from '../../src/feed/entry.ts';
import { pruneFeeds } from '../../src/feed/retention.ts';
import { newFeed, useFeeds } from './feed-fixture.ts';

const fixture = useFeeds();
const retention = { days: 90, entries: 100_000 };
const endless = (): string => feeds.user(randomUUID());

/** A feed with entries so many days old, oldest first. */
async function feedOf(feed: string, ages: readonly number[]): Promise<string> {
  const { say } = fixture.instance();
  await say(feed, ...ages.map((age) => `${age} days old`));
  for (const [index, age] of ages.entries()) {
    await fixture.db.$executeRaw`
      UPDATE "FeedEntry" SET "occurredAt" = now() - make_interval(days => ${age})
      WHERE feed = ${feed} AND sequence = ${index + 1}`;
  }
  return feed;
}

test('a feed that never ends loses the entries past their time, and only those', async () => {
  const feed = await feedOf(endless(), [200, 100, 91, 89, 0]);
  expect(await pruneFeeds(fixture.db, retention)).toBe(3);
  expect(await fixture.log(feed)).toEqual([4, 5]);
  expect(await pruneFeeds(fixture.db, retention)).toBe(0);
});

test('an event keeps everything while its newest entry is young, and then loses all but that one', async () => {
  const young = await feedOf(newFeed(), [200, 100, 10]);
  const old = await feedOf(newFeed(), [200, 100, 91]);
  expect(await pruneFeeds(fixture.db, retention)).toBe(2);
  expect(await fixture.log(young)).toEqual([1, 2, 3]);
  expect(await fixture.log(old)).toEqual([3]);
});

test('a feed that never ends keeps at most so many entries; an event keeps all', async () => {
  const ages = Array.from({ length: 30 }, () => 0);
  const [user, event] = [await feedOf(endless(), ages), await feedOf(newFeed(), ages)];
  expect(await pruneFeeds(fixture.db, { days: 90, entries: 10 })).toBe(20);
  expect(await fixture.log(user)).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
  expect(await fixture.log(event)).toHaveLength(30);
});

test('more than a batch goes in several, whoever prunes at the same time', async () => {
  const feed = endless();
  await feedOf(feed, [0]);
  await fixture.db.$executeRaw`
    INSERT INTO "FeedEntry" (feed, sequence, kind, audience, payload, "occurredAt")
    SELECT ${feed}, n, 'Said', 'everyone', '{}', now() - interval '100 days' FROM generate_series(2, 2500) n`;
  await fixture.db.$executeRaw`UPDATE "FeedEntry" SET "occurredAt" = now() - interval '100 days' WHERE feed = ${feed}`;
  await fixture.db.$executeRaw`UPDATE "Feed" SET top = 2500 WHERE name = ${feed}`;
  await Promise.all([1, 2, 3].map(() => pruneFeeds(fixture.db, retention)));
  await pruneFeeds(fixture.db, retention);
  expect(await fixture.log(feed)).toEqual([2500]);
});

test('a cursor below the floor has expired: the first item says so, and the feed goes on from now', async () => {
  const feed = await feedOf(endless(), [200, 100, 91, 0]);
  await pruneFeeds(fixture.db, retention);
  const { hub, say } = fixture.instance();
  const expired = await hub.follow(feed, { after: await fixture.cursor(feed, 1) });
  expect((await expired.next()).value).toMatchObject({ type: 'reset', reason: 'EXPIRED', sequence: 4 });
  const atTheFloor = await hub.follow(feed, { after: await fixture.cursor(feed, 3) });
  expect((await atTheFloor.next()).value).toMatchObject({ type: 'entry', entry: { sequence: 4 } });
  await say(feed, 'new');
  expect((await expired.next()).value).toMatchObject({ type: 'entry', entry: { sequence: 5 } });
});
