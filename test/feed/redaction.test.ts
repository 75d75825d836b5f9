import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { EntryDraft } from '../../src/feed/entry.ts';
import { startProxy } from '../proxy.ts';
import { until } from '../wait.ts';
import { newFeed, noted, said, useFeeds } from './feed-fixture.ts';
import { lost } from './network.ts';
import { Reader } from './reader.ts';

const fixture = useFeeds();
const secret = 'what should not have been said';

/** A text of somebody's, and what takes it away again. */
function slip(): { statement: EntryDraft; removal: EntryDraft } {
  const [actorId, subjectId] = [randomUUID(), randomUUID()];
  return {
    statement: said.draft({ text: secret }, { actorId, subjectId }),
    removal: noted.draft({ note: 'removed' }, { redacts: { actorId, subjectId, patch: { text: null } } }),
  };
}

const told = ({ items }: Reader): boolean => JSON.stringify(items).includes(secret);

test('whoever resumes after a removal never sees the text, from the tail or the log, on any instance', async () => {
  for (const tailSize of [64, 4]) {
    const instances = [fixture.instance({ tailSize }), fixture.instance({ tailSize })];
    const [here] = instances;
    const feed = newFeed();
    const { statement, removal } = slip();
    const live = await Promise.all(instances.map(async ({ hub }) => new Reader(await hub.follow(feed))));
    await here?.say(feed, 'before', statement, 'after');
    await Promise.all(live.map((reader) => reader.reached(3)));
    const after = await fixture.cursor(feed, 0);
    // Their pages remember the text from now on.
    const early = await Promise.all(instances.map(async ({ hub }) => new Reader(await hub.follow(feed, { after }))));
    await Promise.all(early.map((reader) => reader.reached(3)));
    await here?.say(feed, removal, ...Array.from({ length: 10 }, () => 'later'));
    await Promise.all(live.map((reader) => reader.reached(14)));
    const late = await Promise.all(instances.map(async ({ hub }) => new Reader(await hub.follow(feed, { after }))));
    await Promise.all(late.map((reader) => reader.reached(14)));
    expect(live.map(told)).toEqual([true, true]);
    expect(late.map(told)).toEqual([false, false]);
    for (const { sequences } of late) expect(sequences).toEqual(await fixture.log(feed));
  }
});

test('a page that is remembered for others forgets what was removed', async () => {
  const instances = [fixture.instance({ tailSize: 4 }), fixture.instance({ tailSize: 4 })];
  const [here] = instances;
  const feed = newFeed();
  const { statement, removal } = slip();
  await here?.say(feed, statement, ...Array.from({ length: 299 }, () => 'later'));
  const after = await fixture.cursor(feed, 0);
  const resume = () => Promise.all(instances.map(async ({ hub }) => new Reader(await hub.follow(feed, { after }))));
  const early = await resume();
  await Promise.all(early.map((reader) => reader.reached(300)));
  await here?.say(feed, removal);
  await Promise.all(early.map((reader) => reader.reached(301)));
  const late = await resume();
  await Promise.all(late.map((reader) => reader.reached(301)));
  expect(early.map(told)).toEqual([true, true]);
  expect(late.map(told)).toEqual([false, false]);
});

test('a removal whose message was lost holds all the same', async () => {
  const instance = fixture.instance();
  const feed = newFeed();
  const { statement, removal } = slip();
  const idle = await instance.hub.follow(feed);
  const live = new Reader(await instance.hub.follow(feed));
  await instance.say(feed, statement);
  await live.reached(1);
  instance.side.fate = lost;
  await instance.say(feed, removal);
  await live.reached(2);
  const late = new Reader(idle);
  await late.reached(2);
  expect(told(late)).toBe(false);
});

test('a reader in the middle of a page does not see what was removed from the rest of it', async () => {
  const instance = fixture.instance({ tailSize: 2 });
  const feed = newFeed();
  const { statement, removal } = slip();
  await instance.say(
    feed,
    ...Array.from({ length: 10 }, () => 'x'),
    statement,
    ...Array.from({ length: 10 }, () => 'y'),
  );
  const subscriber = await instance.hub.follow(feed, { after: await fixture.cursor(feed, 0) });
  expect((await subscriber.next()).value).toMatchObject({ entry: { sequence: 1 } });
  const live = new Reader(await instance.hub.follow(feed));
  await instance.say(feed, removal);
  await live.reached(22);
  const rest = new Reader(subscriber);
  await rest.reached(22);
  expect(rest.sequences).toEqual((await fixture.log(feed)).slice(1));
  expect(told(rest)).toBe(false);
});

test('a page that was on its way when the text was removed is not read', async () => {
  const link = await startProxy(fixture.url);
  const instance = fixture.instance({ db: fixture.open(link.url), checkMs: { up: 60_000, down: 60_000 } });
  const feed = newFeed();
  const { statement, removal } = slip();
  await instance.say(feed, 'before', statement, 'after');
  const live = new Reader(await instance.hub.follow(feed));
  const past = await instance.hub.follow(feed, { after: await fixture.cursor(feed, 0) });
  link.holdAnswers();
  const reader = new Reader(past);
  await until(() => link.held > 0, { what: 'the page to be asked for' });
  await instance.say(feed, removal);
  await live.reached(4);
  link.releaseAnswers();
  await reader.reached(4);
  expect(reader.sequences).toEqual([1, 2, 3, 4]);
  expect(told(reader)).toBe(false);
  await link.close();
});

test('a text whose message comes after that of its removal is not kept', async () => {
  const instance = fixture.instance();
  const feed = newFeed();
  const { statement, removal } = slip();
  const idle = await instance.hub.follow(feed);
  const live = new Reader(await instance.hub.follow(feed));
  const held: (() => void)[] = [];
  instance.side.fate = (deliver) => held.push(deliver);
  await instance.say(feed, statement);
  await instance.say(feed, removal);
  await until(() => held.length === 2, { what: 'two messages' });
  for (const deliver of held.reverse()) deliver();
  await live.reached(2);
  for (const deliver of held) deliver();
  const late = new Reader(idle);
  await late.reached(2);
  expect(told(late)).toBe(false);
  expect(late.sequences).toEqual([1, 2]);
});
