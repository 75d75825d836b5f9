import { expect, test } from 'vitest';
import { ForbiddenError } from '../../src/errors.ts';
import { startProxy } from '../proxy.ts';
import { until } from '../wait.ts';
import { newFeed, useFeeds } from './feed-fixture.ts';
import { losing, lost } from './network.ts';
import { compare, flawless, Reader } from './reader.ts';

const fixture = useFeeds();

test('a feed that cannot be opened says so to whoever asks, and opens later', async () => {
  const link = await startProxy(fixture.url);
  const instance = fixture.instance({ db: fixture.open(link.url) });
  const feed = newFeed();
  link.cut();
  const refused = await Promise.allSettled([instance.hub.follow(feed), instance.hub.follow(feed)]);
  expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(instance.hub.stats.feeds).toBe(0);
  expect(fixture.broker.channels).toBe(0);
  link.restore();
  const reader = new Reader(await instance.hub.follow(feed));
  await instance.say(feed, 'one');
  await reader.reached(1);
  await link.close();
});

test('while the database is away a reader of the past waits, and then loses nothing', async () => {
  const link = await startProxy(fixture.url);
  const instance = fixture.instance({ db: fixture.open(link.url), tailSize: 4 });
  const feed = newFeed();
  for (let n = 0; n < 10; n++) await instance.say(feed, `${n}`);
  const subscriber = await instance.hub.follow(feed, { after: await fixture.cursor(feed, 0) });
  link.cut();
  const reader = new Reader(subscriber);
  const live = new Reader(await instance.hub.follow(feed));
  // Written through a connection that is not cut, so the broker tells; the one who reads the past still waits for its page.
  await instance.say(feed, 'meanwhile');
  await live.reached(11);
  expect(reader.items).toEqual([]);
  expect(reader.outcome).toBeNull();
  link.restore();
  await reader.reached(11);
  expect(reader.sequences).toEqual(await fixture.log(feed));
  await link.close();
});

test('what gets lost while the database is away is found when it is back', async () => {
  const link = await startProxy(fixture.url);
  const instance = fixture.instance({ db: fixture.open(link.url) });
  const feed = newFeed();
  const reader = new Reader(await instance.hub.follow(feed));
  link.cut();
  instance.side.fate = losing('lost');
  for (let n = 0; n < 12; n++) await instance.say(feed, n % 3 === 0 ? 'lost' : 'heard');
  expect(reader.items).toEqual([]);
  link.restore();
  await reader.reached(12);
  expect(compare(await fixture.log(feed), reader.sequences)).toEqual(flawless);
  await link.close();
});

test('a reader whose page does not come can be closed or ended at once', async () => {
  const link = await startProxy(fixture.url);
  const instance = fixture.instance({ db: fixture.open(link.url), checkMs: { up: 60_000, down: 60_000 } });
  const feed = newFeed();
  await instance.say(feed, 'one');
  const after = await fixture.cursor(feed, 0);
  const [closed, ended] = await Promise.all([
    instance.hub.follow(feed, { after }),
    instance.hub.follow(feed, { after }),
  ]);
  link.holdAnswers();
  const readers = [new Reader(closed), new Reader(ended)];
  await until(() => link.held > 0, { what: 'the page to be asked for' });
  await closed.return();
  ended.end(new ForbiddenError('no longer'));
  await until(() => readers.every(({ outcome }) => outcome === 'done'), { what: 'both to be done' });
  expect(readers.map(({ marks }) => marks)).toEqual([[], ['end FORBIDDEN']]);
  link.releaseAnswers();
  await link.close();
});

test('a ring that comes while the log is being asked makes it be asked again', async () => {
  const link = await startProxy(fixture.url);
  const instance = fixture.instance({ db: fixture.open(link.url), checkMs: { up: 60_000, down: 60_000 } });
  const feed = newFeed();
  const reader = new Reader(await instance.hub.follow(feed));
  // Every message only rings.
  instance.side.fate = lost;
  link.holdAnswers();
  instance.side.change('gap');
  await until(() => link.held > 0, { what: 'the log to be asked' });
  await instance.say(feed, 'committed after the answer was given');
  instance.side.change('gap');
  link.releaseAnswers();
  await reader.reached(1);
  await link.close();
});

test('an answer about a feed that was let go meanwhile says nothing about its successor', async () => {
  const link = await startProxy(fixture.url);
  const db = fixture.open(link.url);
  const instance = fixture.instance({ db, lingerMs: 0, checkMs: { up: 60_000, down: 60_000 } });
  const feed = newFeed();
  const first = await instance.hub.follow(feed);
  await instance.say(feed, 'one');
  link.holdAnswers();
  instance.side.change('gap');
  await until(() => link.held > 0, { what: 'the log to be asked' });
  link.holdNoMore();
  await first.return();
  await until(() => instance.hub.stats.feeds === 0, { what: 'the feed to be let go' });
  await fixture.db.$executeRaw`UPDATE "Feed" SET epoch = 'restored' WHERE name = ${feed}`;
  const reader = new Reader(await instance.hub.follow(feed));
  link.releaseAnswers();
  for (let n = 2; n < 6; n++) {
    await instance.say(feed, `${n}`);
    await reader.reached(n);
  }
  expect(reader.marks).toEqual([]);
  await link.close();
});
