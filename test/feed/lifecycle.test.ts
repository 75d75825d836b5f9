import { expect, test } from 'vitest';
import { ForbiddenError, UnavailableError } from '../../src/errors.ts';
import { startProxy } from '../proxy.ts';
import { until } from '../wait.ts';
import { newFeed, useFeeds } from './feed-fixture.ts';
import { losing } from './network.ts';
import { Reader } from './reader.ts';

const fixture = useFeeds();
const none = { feeds: 0, subscribers: 0 };

test('a subscription that is closed while it waits is done', async () => {
  const { hub } = fixture.instance();
  const subscriber = await hub.follow(newFeed());
  const waiting = subscriber.next();
  expect(await subscriber.return()).toEqual({ done: true, value: undefined });
  expect(await waiting).toEqual({ done: true, value: undefined });
  expect(await subscriber.next()).toEqual({ done: true, value: undefined });
  expect(await subscriber.return()).toEqual({ done: true, value: undefined });
  expect(hub.stats.subscribers).toBe(0);
});

test('an ended subscription gives its reason as the last item, however much is unread', async () => {
  const instance = fixture.instance({ tailSize: 8 });
  const feed = newFeed();
  const subscribers = await Promise.all([instance.hub.follow(feed), instance.hub.follow(feed)]);
  for (let n = 0; n < 20; n++) await instance.say(feed, `${n}`);
  for (const subscriber of subscribers) {
    subscriber.end(new ForbiddenError('no longer'));
    subscriber.end(new UnavailableError());
    const reader = new Reader(subscriber);
    await until(() => reader.outcome !== null, { what: 'the end' });
    expect(reader.items).toHaveLength(1);
    expect(reader.marks).toEqual(['end FORBIDDEN']);
    expect(reader.outcome).toBe('done');
  }
});

test('a subscription that waits is woken by its end, and others go on', async () => {
  const instance = fixture.instance();
  const feed = newFeed();
  const [ended, other] = [new Reader(await instance.hub.follow(feed)), new Reader(await instance.hub.follow(feed))];
  ended.subscriber.end(new ForbiddenError('no longer'));
  await until(() => ended.outcome === 'done', { what: 'the end' });
  await instance.say(feed, 'after');
  await other.reached(1);
  expect(ended.sequences).toEqual([]);
});

test('a feed is in use a while longer than its last subscriber, and then leaves nothing behind', async () => {
  const { hub } = fixture.instance({ lingerMs: 50 });
  const feed = newFeed();
  const subscribers = await Promise.all(Array.from({ length: 20 }, () => hub.follow(feed)));
  expect(hub.stats).toMatchObject({ feeds: 1, subscribers: 20 });
  expect(fixture.broker.channels).toBe(1);
  for (const subscriber of subscribers) await subscriber.return();
  expect(hub.stats).toMatchObject({ feeds: 1, subscribers: 0 });
  // Who comes back soon finds it in use.
  const again = await hub.follow(feed);
  await again.return();
  await until(() => hub.stats.feeds === 0, { what: 'the feed to be let go' });
  expect(fixture.broker.channels).toBe(0);
});

test('feeds that come and go a hundred times lose nothing and leave nothing', async () => {
  const instance = fixture.instance({ lingerMs: 0 });
  const feed = newFeed();
  for (let n = 1; n <= 50; n++) {
    const [one, other] = await Promise.all([instance.hub.follow(feed), instance.hub.follow(feed)]);
    const reader = new Reader(one);
    await instance.say(feed, `${n}`);
    await reader.reached(n);
    expect(reader.sequences).toEqual([n]);
    await Promise.all([one.return(), other.return()]);
    if (n % 3 === 0) await until(() => instance.hub.stats.feeds === 0, { what: 'the feed to be let go' });
  }
  await until(() => instance.hub.stats.feeds === 0, { what: 'the feed to be let go' });
  expect(fixture.broker.channels).toBe(0);
});

test('whoever comes while the last one goes is not let go with it', async () => {
  const link = await startProxy(fixture.url);
  const instance = fixture.instance({
    db: fixture.open(link.url),
    lingerMs: 30,
    checkMs: { up: 60_000, down: 60_000 },
  });
  const [feed, decoy] = [newFeed(), newFeed()];
  const last = await instance.hub.follow(feed);
  const later = await instance.hub.follow(decoy);
  instance.side.fate = losing('lost');
  await instance.say(feed, 'lost');
  link.holdAnswers();
  // Ahead of the tail, so the log is asked.
  const coming = instance.hub.follow(feed, { after: await fixture.cursor(feed, 1) });
  await until(() => link.held > 0, { what: 'the log to be asked' });
  await last.return();
  link.releaseAnswers();
  const reader = new Reader(await coming);
  await later.return();
  // The decoy was left after the feed: when it is let go, the feed's time is over too.
  await until(() => instance.hub.stats.feeds === 1, { what: 'the decoy to be let go' });
  await instance.say(feed, 'heard');
  await reader.reached(2);
  expect(reader.sequences).toEqual([2]);
  await link.close();
});

test('a cursor that cannot be looked up leaves no feed in use', async () => {
  const link = await startProxy(fixture.url);
  const instance = fixture.instance({ db: fixture.open(link.url) });
  const feed = newFeed();
  const reader = new Reader(await instance.hub.follow(feed));
  await instance.say(feed, 'one');
  await reader.reached(1);
  const ahead = await fixture.cursor(feed, 2);
  link.cut();
  await reader.subscriber.return();
  await expect(instance.hub.follow(feed, { after: ahead })).rejects.toThrow();
  await until(() => instance.hub.stats.feeds === 0, { what: 'the feed to be let go' });
  expect(fixture.broker.channels).toBe(0);
  await link.close();
});

test('closing the hub ends everybody and leaves nothing', async () => {
  const { hub } = fixture.instance();
  const feeds = [newFeed(), newFeed()];
  const readers = await Promise.all(
    feeds.flatMap((feed) => Array.from({ length: 5 }, async () => new Reader(await hub.follow(feed)))),
  );
  await hub.close();
  await until(() => readers.every(({ outcome }) => outcome === 'done'), { what: 'everybody to be done' });
  expect(hub.stats).toMatchObject(none);
  expect(fixture.broker.channels).toBe(0);
  await hub.close();
});

test('nobody is taken in by a hub that is closed, or closing', async () => {
  const link = await startProxy(fixture.url);
  const { hub } = fixture.instance({ db: fixture.open(link.url) });
  link.holdAnswers();
  const coming = hub.follow(newFeed());
  await until(() => link.held > 0, { what: 'the log to be asked' });
  await hub.close();
  await expect(hub.follow(newFeed())).rejects.toThrow(UnavailableError);
  link.releaseAnswers();
  await expect(coming).rejects.toThrow(UnavailableError);
  expect(hub.stats).toMatchObject(none);
  expect(fixture.broker.channels).toBe(0);
  await link.close();
});

test('closing the hub ends everybody at once, even while the database does not answer', async () => {
  const link = await startProxy(fixture.url);
  const instance = fixture.instance({ db: fixture.open(link.url) });
  const feed = newFeed();
  for (let n = 0; n < 3; n++) await instance.say(feed, `${n}`);
  const live = new Reader(await instance.hub.follow(feed));
  link.holdAnswers();
  const past = new Reader(await instance.hub.follow(feed, { after: await fixture.cursor(feed, 0) }));
  await until(() => link.held > 0, { what: 'the log to be asked' });
  const closing = instance.hub.close();
  await until(() => live.outcome === 'done' && past.outcome === 'done', { what: 'both to be done' });
  link.releaseAnswers();
  await closing;
  expect(past.items).toEqual([]);
  await link.close();
});
