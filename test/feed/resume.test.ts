import { expect, test } from 'vitest';
import { encodeCursor } from '../../src/feed/cursor.ts';
import { startProxy } from '../proxy.ts';
import { until } from '../wait.ts';
import { type Instance, newFeed, useFeeds } from './feed-fixture.ts';
import { losing, lost } from './network.ts';
import { compare, flawless, Reader } from './reader.ts';

const fixture = useFeeds();
const texts = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}`);

async function read(instance: Instance, feed: string, after: string): Promise<Reader> {
  return new Reader(await instance.hub.follow(feed, { after }));
}

/** The cursor of the last item, which is a reset. */
function resetCursor(reader: Reader): string {
  const item = reader.items.at(-1);
  if (item?.type !== 'reset') throw new Error('the last item is no reset');
  return encodeCursor(item);
}

test('from every place, while others write: the rest, once and in order, then what is new', async () => {
  const [warm, cold] = [fixture.instance({ tailSize: 8 }), fixture.instance({ tailSize: 8 })];
  const feed = newFeed();
  const live = new Reader(await warm.hub.follow(feed));
  for (let n = 0; n < 30; n++) await warm.say(feed, `${n}`);
  const writing = (async () => {
    for (let n = 0; n < 30; n++) await (n % 2 === 0 ? warm : cold).say(feed, 'meanwhile');
  })();
  const places = Array.from({ length: 31 }, (_, place) => place);
  const readers = await Promise.all(
    places.flatMap((place) =>
      [warm, cold].map(async (instance) => ({
        place,
        reader: await read(instance, feed, await fixture.cursor(feed, place)),
      })),
    ),
  );
  await writing;
  const log = await fixture.log(feed);
  for (const { place, reader } of [{ place: 0, reader: live }, ...readers]) {
    await reader.reached(60);
    expect(compare(log.slice(place), reader.sequences), `after ${place}`).toEqual(flawless);
    expect(reader.sequences[0]).toBe(place + 1);
  }
});

test('a thousand who resume at once share a few reads', async () => {
  const instance = fixture.instance();
  const feed = newFeed();
  for (let n = 0; n < 6; n++) await instance.say(feed, ...texts(100));
  const cursors = await Promise.all(texts(10).map((_, index) => fixture.cursor(feed, index * 60)));
  const readers = await Promise.all(
    Array.from({ length: 1000 }, (_, index) => read(instance, feed, cursors[index % 10] ?? '')),
  );
  await Promise.all(readers.map((reader) => reader.reached(600)));
  const log = await fixture.log(feed);
  readers.forEach(({ sequences }, index) => {
    expect(compare(log.slice((index % 10) * 60), sequences)).toEqual(flawless);
  });
  // 600 entries are three pages; the last one is not full, so each wave of readers reads it again.
  expect(instance.hub.stats.pageReads).toBeLessThanOrEqual(12);
});

test('a cursor that the tail has not reached yet is taken, and nothing before it is repeated', async () => {
  const instance = fixture.instance({ checkMs: { up: 60_000, down: 60_000 } });
  const feed = newFeed();
  const behind = new Reader(await instance.hub.follow(feed));
  instance.side.fate = lost;
  await instance.say(feed, 'one', 'two');
  const ahead = await read(instance, feed, await fixture.cursor(feed, 2));
  instance.side.fate = (deliver) => deliver();
  await instance.say(feed, 'three');
  await Promise.all([ahead.reached(3), behind.reached(3)]);
  expect(ahead.items).toHaveLength(1);
  expect(behind.sequences).toEqual([1, 2, 3]);
});

test.each([
  ['malformed', 'MALFORMED_CURSOR', async () => 'rubbish'],
  ['empty', 'MALFORMED_CURSOR', async () => ''],
  ["another feed's", 'FOREIGN_CURSOR', () => fixture.cursor(newFeed(), 1)],
  ['from a place the feed has not reached', 'FOREIGN_CURSOR', (feed: string) => fixture.cursor(feed, 6)],
  ['of another epoch', 'OLD_EPOCH', async (feed: string) => encodeCursor({ feed, epoch: 'older', sequence: 2 })],
  [
    'behind what was pruned',
    'EXPIRED',
    async (feed: string) => {
      await fixture.db.$executeRaw`DELETE FROM "FeedEntry" WHERE feed = ${feed} AND sequence <= 3`;
      return fixture.cursor(feed, 2);
    },
  ],
  [
    'behind a log that was pruned altogether',
    'EXPIRED',
    async (feed: string) => {
      await fixture.db.$executeRaw`DELETE FROM "FeedEntry" WHERE feed = ${feed}`;
      return fixture.cursor(feed, 4);
    },
  ],
])('a cursor that is %s gets a reset first, and the feed goes on from its cursor', async (_, reason, cursorFor) => {
  const instance = fixture.instance();
  const feed = newFeed();
  await instance.say(feed, ...texts(5));
  const reader = await read(instance, feed, await cursorFor(feed));
  await until(() => reader.items.length === 1, { what: 'the reset' });
  const resumed = await read(instance, feed, resetCursor(reader));
  await instance.say(feed, 'after');
  await Promise.all([reader.reached(6), resumed.reached(6)]);
  expect(reader.marks).toEqual([`reset ${reason}`]);
  expect(reader.sequences).toEqual([6]);
  expect(resumed.items).toHaveLength(1);
});

test('a place just behind what was pruned is still a place', async () => {
  const instance = fixture.instance();
  const feed = newFeed();
  await instance.say(feed, ...texts(5));
  await fixture.db.$executeRaw`DELETE FROM "FeedEntry" WHERE feed = ${feed} AND sequence <= 3`;
  const reader = await read(instance, feed, await fixture.cursor(feed, 3));
  await reader.reached(5);
  expect(reader.items.map((item) => item.type)).toEqual(['entry', 'entry']);
});

test('a log that got another epoch resets everybody who follows it, and they go on', async () => {
  const instances = [fixture.instance(), fixture.instance()];
  const feed = newFeed();
  const readers = await Promise.all(instances.map(async ({ hub }) => new Reader(await hub.follow(feed))));
  const [first] = instances;
  await first?.say(feed, ...texts(5));
  await Promise.all(readers.map((reader) => reader.reached(5)));
  const old = await fixture.cursor(feed, 3);
  await fixture.db.$executeRaw`DELETE FROM "FeedEntry" WHERE feed = ${feed} AND sequence > 2`;
  await fixture.db.$executeRaw`UPDATE "Feed" SET epoch = 'restored', top = 2 WHERE name = ${feed}`;
  await until(() => readers.every(({ marks }) => marks.length > 0), { what: 'both resets' });
  await first?.say(feed, 'after the restore');
  for (const reader of readers) {
    await until(() => reader.sequences.length === 6, { what: 'the new entry' });
    expect(reader.marks).toEqual(['reset OLD_EPOCH']);
    expect(reader.sequences).toEqual([1, 2, 3, 4, 5, 3]);
    expect(reader.entries.at(-1)?.payload.text).toBe('after the restore');
  }
  for (const instance of instances) {
    const resumed = await read(instance, feed, old);
    await until(() => resumed.items.length === 1, { what: 'the reset' });
    expect(resumed.marks).toEqual(['reset OLD_EPOCH']);
  }
});

test('a log that lost its end, as after a failover, resets everybody even if its epoch is the same', async () => {
  const instance = fixture.instance();
  const feed = newFeed();
  const reader = new Reader(await instance.hub.follow(feed));
  await instance.say(feed, ...texts(5));
  await reader.reached(5);
  await fixture.db.$executeRaw`DELETE FROM "FeedEntry" WHERE feed = ${feed} AND sequence > 2`;
  await fixture.db.$executeRaw`UPDATE "Feed" SET top = 2 WHERE name = ${feed}`;
  await until(() => reader.marks.length === 1, { what: 'the reset' });
  await instance.say(feed, 'written after');
  await until(() => reader.sequences.length === 6, { what: 'the new entry' });
  expect(reader.sequences).toEqual([1, 2, 3, 4, 5, 3]);
  expect(reader.marks).toEqual(['reset OLD_EPOCH']);
});

test('who falls so far behind that the log no longer holds the rest is told', async () => {
  const instance = fixture.instance({ tailSize: 4 });
  const feed = newFeed();
  const slow = await instance.hub.follow(feed);
  const reader = new Reader(await instance.hub.follow(feed));
  for (let n = 0; n < 20; n++) await instance.say(feed, `${n}`);
  await reader.reached(20);
  await fixture.db.$executeRaw`DELETE FROM "FeedEntry" WHERE feed = ${feed} AND sequence <= 10`;
  const late = new Reader(slow);
  await until(() => late.items.length > 0, { what: 'the reset' });
  expect(late.marks).toEqual(['reset EXPIRED']);
  await instance.say(feed, 'after');
  await late.reached(21);
  expect(late.sequences).toEqual([21]);
});

test('entries that were pruned before this instance heard of them are a reset, not a silent gap', async () => {
  const instance = fixture.instance({ checkMs: { up: 60_000, down: 60_000 } });
  const feed = newFeed();
  const reader = new Reader(await instance.hub.follow(feed));
  instance.side.fate = lost;
  await instance.say(feed, ...texts(5));
  await fixture.db.$executeRaw`DELETE FROM "FeedEntry" WHERE feed = ${feed} AND sequence <= 3`;
  instance.side.change('gap');
  await until(() => reader.items.length > 0, { what: 'the reset' });
  instance.side.fate = (deliver) => deliver();
  await instance.say(feed, 'after');
  await reader.reached(6);
  expect(reader.marks).toEqual(['reset EXPIRED']);
  expect(reader.sequences).toEqual([6]);
});

test('a cursor that was being looked up when the log became another one is of an old epoch', async () => {
  const link = await startProxy(fixture.url);
  const instance = fixture.instance({ db: fixture.open(link.url), checkMs: { up: 60_000, down: 60_000 } });
  const feed = newFeed();
  const live = new Reader(await instance.hub.follow(feed));
  instance.side.fate = losing('lost');
  await instance.say(feed, 'lost', 'lost', 'lost');
  const after = await fixture.cursor(feed, 2);
  link.holdAnswers();
  const coming = read(instance, feed, after);
  await until(() => link.held > 0, { what: 'the log to be asked' });
  link.holdNoMore();
  await fixture.db.$executeRaw`DELETE FROM "FeedEntry" WHERE feed = ${feed}`;
  await fixture.db.$executeRaw`UPDATE "Feed" SET epoch = 'restored', top = 0 WHERE name = ${feed}`;
  instance.side.change('gap');
  await until(() => live.marks.length === 1, { what: 'the reset' });
  link.releaseAnswers();
  const reader = await coming;
  await until(() => reader.items.length === 1, { what: 'the reset' });
  await instance.say(feed, 'new');
  await reader.reached(1);
  expect(reader.marks).toEqual(['reset OLD_EPOCH']);
  expect(reader.sequences).toEqual([1]);
  await link.close();
});
