import { expect, test } from 'vitest';
import { createWrite } from '../../src/feed/unit-of-work.ts';
import { until } from '../wait.ts';
import { newFeed, noted, said, useFeeds } from './feed-fixture.ts';
import { losing, lost, storm } from './network.ts';
import { compare, flawless, Reader } from './reader.ts';

const fixture = useFeeds();
const never = { up: 60_000, down: 60_000 };

test('through a network that loses, repeats and reorders, everybody receives every entry once, in order', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const instances = [fixture.instance({ tailSize: 64 }), fixture.instance({ tailSize: 16 })];
  instances.forEach(({ side }, index) => {
    side.fate = storm({ seed: seed + index });
  });
  const feed = newFeed();
  const followers = await Promise.all(
    instances.flatMap(({ hub }) => Array.from({ length: 10 }, () => hub.follow(feed))),
  );
  const readers = followers.map((subscriber) => new Reader(subscriber));
  await Promise.all(
    instances.flatMap(({ say }) =>
      Array.from({ length: 4 }, async () => {
        for (let n = 0; n < 20; n++) await say(feed, 'one', ...(n % 4 === 0 ? ['two', 'three'] : []));
      }),
    ),
  );
  const log = await fixture.log(feed);
  await Promise.all(readers.map((reader) => reader.reached(log.length)));
  const repairs = instances.reduce((sum, { hub }) => sum + hub.stats.repairs, 0);
  console.log(`${log.length} entries, ${readers.length} subscribers, ${repairs} repairs; seed ${seed}`);
  for (const { sequences } of readers) expect(compare(log, sequences), `seed ${seed}`).toEqual(flawless);
  expect(repairs).toBeGreaterThan(0);
});

test('with every message lost, everything arrives by the position check', async () => {
  const [here, there] = [fixture.instance(), fixture.instance()];
  for (const { side } of [here, there]) side.fate = lost;
  const feed = newFeed();
  const reader = new Reader(await there.hub.follow(feed));
  for (let n = 0; n < 10; n++) await here.say(feed, `${n}`);
  await reader.reached(10);
  expect(reader.sequences).toEqual(await fixture.log(feed));
});

test('a last message that was lost is found without another one', async () => {
  const instance = fixture.instance();
  const feed = newFeed();
  const reader = new Reader(await instance.hub.follow(feed));
  await instance.say(feed, 'heard');
  await reader.reached(1);
  instance.side.fate = lost;
  await instance.say(feed, 'lost');
  await reader.reached(2);
  expect(reader.sequences).toEqual([1, 2]);
});

test('a commit whose instance died before it told anybody is found', async () => {
  const { hub } = fixture.instance();
  const feed = newFeed();
  const reader = new Reader(await hub.follow(feed));
  const write = createWrite({ db: fixture.db, publish: () => {} });
  await write(async ({ append }) => append(feed, said.draft({ text: 'my last words' })));
  await reader.reached(1);
});

test('two messages that cross are put in order without asking the log', async () => {
  const instance = fixture.instance({ checkMs: never });
  const feed = newFeed();
  const reader = new Reader(await instance.hub.follow(feed));
  const held: (() => void)[] = [];
  instance.side.fate = (deliver) => held.push(deliver);
  for (const text of ['one', 'two', 'three']) await instance.say(feed, text);
  await until(() => held.length === 3, { what: 'three messages' });
  for (const deliver of held.reverse()) deliver();
  await reader.reached(3);
  expect(reader.sequences).toEqual([1, 2, 3]);
  expect(instance.hub.stats.repairs).toBe(0);
});

test('messages that come twice, or again much later, cost nothing', async () => {
  const instance = fixture.instance({ tailSize: 4, checkMs: never });
  const feed = newFeed();
  const reader = new Reader(await instance.hub.follow(feed));
  const delivered: (() => void)[] = [];
  instance.side.fate = (deliver) => {
    delivered.push(deliver);
    for (const again of delivered) again();
  };
  for (let n = 0; n < 20; n++) await instance.say(feed, `${n}`);
  await reader.reached(20);
  expect(reader.sequences).toEqual(await fixture.log(feed));
  expect(instance.hub.stats.repairs).toBe(0);
});

test('a hole is read once for all who wait', async () => {
  const instance = fixture.instance({ checkMs: never });
  const feed = newFeed();
  const subscribers = await Promise.all(Array.from({ length: 100 }, () => instance.hub.follow(feed)));
  const readers = subscribers.map((subscriber) => new Reader(subscriber));
  instance.side.fate = losing('lost');
  await instance.say(feed, 'lost');
  await instance.say(feed, 'heard');
  await Promise.all(readers.map((reader) => reader.reached(2)));
  for (const { sequences } of readers) expect(sequences).toEqual([1, 2]);
  expect(instance.hub.stats).toMatchObject({ repairs: 1, pageReads: 0 });
});

test('when the broker reports a gap, or goes down, the log is asked at once', async () => {
  const instance = fixture.instance({ checkMs: never });
  const feed = newFeed();
  const reader = new Reader(await instance.hub.follow(feed));
  instance.side.fate = lost;
  await instance.say(feed, 'one');
  instance.side.change('gap');
  await reader.reached(1);
  await instance.say(feed, 'two');
  instance.side.change('down');
  await reader.reached(2);
  expect(reader.sequences).toEqual([1, 2]);
});

// The comparison planned while the broker was up came first: for up to a second nobody looked.
test('from the moment the broker is down, the log is asked at the pace for that', async () => {
  const instance = fixture.instance({ checkMs: { up: 60_000, down: 20 } });
  const feed = newFeed();
  const reader = new Reader(await instance.hub.follow(feed));
  instance.side.fate = lost;
  instance.side.change('down');
  for (let n = 1; n <= 3; n++) {
    await instance.say(feed, `${n}`);
    await reader.reached(n);
  }
  expect(reader.sequences).toEqual([1, 2, 3]);
});

test('a commit too large for the broker only rings, and is read from the log at once', async () => {
  const [here, there] = [fixture.instance({ checkMs: never }), fixture.instance({ checkMs: never })];
  const feed = newFeed();
  const readers = await Promise.all([here, there].map(async ({ hub }) => new Reader(await hub.follow(feed))));
  const messages: string[] = [];
  there.side.fate = (deliver, message) => {
    messages.push(message);
    deliver();
  };
  await here.say(feed, 'x'.repeat(300 * 1024));
  await Promise.all(readers.map((reader) => reader.reached(1)));
  expect(messages).toEqual(['']);
});

test('a commit larger than the whole tail arrives complete', async () => {
  const instance = fixture.instance({ tailSize: 4, checkMs: never });
  const feed = newFeed();
  const reader = new Reader(await instance.hub.follow(feed));
  await instance.say(feed, ...Array.from({ length: 30 }, (_, n) => `${n}`));
  await reader.reached(30);
  expect(reader.sequences).toEqual(await fixture.log(feed));
});

test('what is not a message of ours harms nobody', async () => {
  const instance = fixture.instance();
  const feed = newFeed();
  const reader = new Reader(await instance.hub.follow(feed));
  const strange = ['{', 'null', '[]', '"x"', '{"feed":1}', JSON.stringify({ feed, epoch: 'other', entries: [] })];
  for (const message of strange) instance.side.publish(`feed:${feed}`, message);
  await instance.say(feed, 'real');
  await reader.reached(1);
  expect(reader.sequences).toEqual([1]);
});

test('an announcement of what the log does not hold is dropped; what is written after it arrives', async () => {
  const instance = fixture.instance();
  const feed = newFeed();
  const reader = new Reader(await instance.hub.follow(feed));
  const heard: string[] = [];
  instance.side.fate = (deliver, message) => {
    heard.push(message);
    deliver();
  };
  await instance.say(feed, 'one');
  await reader.reached(1);
  instance.side.publish(`feed:${feed}`, (heard[0] ?? '').replaceAll('"sequence":1', '"sequence":7'));
  await until(() => instance.hub.stats.repairs > 0, { what: 'a look into the log' });
  for (let n = 0; n < 10; n++) await instance.say(feed, `after ${n}`);
  await reader.reached(11);
  expect(reader.sequences).toEqual(await fixture.log(feed));
  expect(reader.entries.map(({ payload }) => payload.text)[6]).toBe('after 5');
});

test('only the audiences and kinds that are asked for come, live and from the past', async () => {
  const instance = fixture.instance({ tailSize: 2 });
  const feed = newFeed();
  const write = () =>
    instance.say(
      feed,
      said.draft({ text: 'all' }),
      said.draft({ text: 'moderators' }, { audience: 'moderators' }),
      said.draft({ text: 'anna' }, { audience: 'user:anna' }),
      noted.draft({ note: 'all' }),
    );
  await write();
  const after = await fixture.cursor(feed, 0);
  const follow = (options: Parameters<typeof instance.hub.follow>[1]) =>
    instance.hub.follow(feed, { after, ...options }).then((subscriber) => new Reader(subscriber));
  const readers = await Promise.all([
    follow({}),
    follow({ audiences: new Set(['everyone', 'moderators'] as const) }),
    follow({ audiences: new Set(['everyone', 'user:anna'] as const), kinds: new Set(['Said']) }),
    follow({ audiences: new Set(['user:ann'] as const) }),
    follow({ kinds: new Set() }),
  ]);
  await write();
  const expected = [[1, 4, 5, 8], [1, 2, 4, 5, 6, 8], [1, 3, 5, 7], [], []];
  await until(() => readers.every(({ sequences }, index) => sequences.length === expected[index]?.length), {
    what: 'every entry',
  });
  expect(readers.map(({ sequences }) => sequences)).toEqual(expected);
});

test('who is admitted to an audience reads it from then on', async () => {
  const instance = fixture.instance();
  const feed = newFeed();
  const reader = new Reader(await instance.hub.follow(feed));
  const secret = (text: string) => said.draft({ text }, { audience: 'moderators' });
  await instance.say(feed, secret('before'), 'open');
  await reader.reached(2);
  reader.subscriber.admit(new Set(['everyone', 'moderators'] as const));
  await instance.say(feed, secret('after'));
  await reader.reached(3);
  reader.subscriber.admit(new Set(['everyone'] as const));
  await instance.say(feed, secret('too late'), 'open');
  await reader.reached(5);
  expect(reader.sequences).toEqual([2, 3, 5]);
});

test('a subscriber that does not read costs nobody anything, and finds everything when it does', async () => {
  const instance = fixture.instance({ tailSize: 8 });
  const feed = newFeed();
  const idle = await instance.hub.follow(feed);
  const reader = new Reader(await instance.hub.follow(feed));
  for (let n = 0; n < 30; n++) await instance.say(feed, ...Array.from({ length: 10 }, () => 'x'.repeat(1000)));
  await reader.reached(300);
  // Nothing was read for it.
  const before = instance.hub.stats.pageReads;
  const late = new Reader(idle);
  await late.reached(300);
  expect(late.sequences).toEqual(await fixture.log(feed));
  expect(reader.sequences).toEqual(late.sequences);
  expect(instance.hub.stats.pageReads - before).toBeLessThanOrEqual(3);
});
