import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { readTop } from '../../src/feed/log.ts';
import { text } from '../../src/input.ts';
import { newFeed, noted, said, useFeeds } from './feed-fixture.ts';

const fixture = useFeeds();

const { recorded, entries } = fixture;

test('streamOffset counts from the entry that first starts the clock', async () => {
  const { write } = recorded();
  const feed = newFeed();
  const say = (about?: { startsClock: true }) =>
    write(async ({ append }) => append(feed, said.draft({ text: '' }, about)));
  await say();
  await say({ startsClock: true });
  await say();
  await fixture.db.$executeRaw`UPDATE "Feed" SET "originAt" = "originAt" - interval '90 minutes' WHERE name = ${feed}`;
  // The event went live before: its clock goes on.
  await say({ startsClock: true });
  await fixture.db.$executeRaw`UPDATE "Feed" SET "originAt" = "originAt" - interval '100 days' WHERE name = ${feed}`;
  await say();
  const [before, start, after, late, endless] = (await entries(feed)).map(({ streamOffset }) => streamOffset);
  expect(before).toBeNull();
  expect(start).toBe(0);
  expect(after).toBeGreaterThanOrEqual(0);
  expect(after).toBeLessThan(60_000);
  expect(late).toBeGreaterThanOrEqual(90 * 60_000);
  expect(late).toBeLessThan(91 * 60_000);
  expect(endless).toBe(2 ** 31 - 1);
});

test('an entry is not dated before the one that precedes it, whatever becomes of the clock', async () => {
  const { write } = recorded();
  const feed = newFeed();
  const say = () => write(async ({ append }) => append(feed, said.draft({ text: '' }, { startsClock: true })));
  await say();
  // As if the clock had been set back by an hour.
  await fixture.db.$executeRaw`
    UPDATE "Feed" SET "lastAt" = "lastAt" + interval '1 hour', "originAt" = "originAt" + interval '1 hour' WHERE name = ${feed}`;
  await say();
  await say();
  const [first, second, third] = await entries(feed);
  expect((second?.occurredAt ?? 0) - (first?.occurredAt ?? 0)).toBe(3_600_000);
  expect(third?.occurredAt).toBe(second?.occurredAt);
  expect([second?.streamOffset, third?.streamOffset]).toEqual([0, 0]);
});

test('a redaction takes the words of one actor, or of one deed of theirs, out of the log', async () => {
  const { write } = recorded();
  const [feed, elsewhere] = [newFeed(), newFeed()];
  const [anna, ben, first, second] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  await write(async ({ append }) => {
    append(feed, said.draft({ text: 'anna 1' }, { actorId: anna, subjectId: first }));
    append(feed, said.draft({ text: 'anna 2' }, { actorId: anna, subjectId: second }));
    append(feed, said.draft({ text: 'ben' }, { actorId: ben, subjectId: first }));
    append(elsewhere, said.draft({ text: 'anna elsewhere' }, { actorId: anna, subjectId: first }));
    // In the same work as what it redacts.
    append(feed, noted.draft({ note: 'x' }, { redacts: { actorId: anna, subjectId: first, patch: { text: null } } }));
  });
  const texts = async () => (await entries(feed)).map(({ payload }) => payload.text);
  expect(await texts()).toEqual([null, 'anna 2', 'ben', undefined]);
  await write(async ({ append }) => {
    append(
      feed,
      noted.draft({ note: 'y' }, { actorId: anna, redacts: { actorId: anna, patch: { text: null, by: 'z' } } }),
    );
    append(feed, said.draft({ text: 'anna again' }, { actorId: anna, subjectId: first }));
  });
  expect(await texts()).toEqual([null, null, 'ben', undefined, undefined, 'anna again']);
  const redaction = (await entries(feed))[4];
  expect(redaction?.redacts).toEqual({ actorId: anna, patch: { text: null, by: 'z' } });
  expect((await entries(elsewhere))[0]?.payload.text).toBe('anna elsewhere');
});

test('what was handed on is what the log holds, whatever the text and the numbers', async () => {
  const { write, published } = recorded();
  const feed = newFeed();
  const payload = {
    emoji: '👩‍👩‍👧‍👦 🇩🇪 e\u0301',
    quotes: `'";--\\ $1 \${x} %s`,
    lines: 'a\nb\tc\u2028',
    edges: '\u0001\u007f\uffff\u{10ffff}',
    numbers: [0, -1, 0.1, 1e21, -1.5e-7, Number.MAX_SAFE_INTEGER, 5e-324, Number.MAX_VALUE],
    nested: { deep: [{ er: null }, true, false, [], {}] },
    'key with "quotes"': '',
  };
  await write(async ({ append }) => append(feed, { kind: 'Odd', payload }));
  const [read] = await entries(feed);
  expect(read?.payload).toEqual(payload);
  expect(published[0]?.entries).toEqual([read]);
});

test('a lone surrogate is no text: input drops it, and the log refuses it', async () => {
  const { write } = recorded();
  const feed = newFeed();
  expect(text(1, 20).parse('a\ud83db')).toBe('ab');
  for (const odd of ['\ud83d', 'nul \u0000'])
    await expect(write(async ({ append }) => append(feed, said.draft({ text: odd })))).rejects.toThrow();
  expect(await entries(feed)).toEqual([]);
  expect(await fixture.db.feed.count({ where: { name: feed } })).toBe(0);
});

test('a hundred first writers of a feed make one feed', async () => {
  const { write } = recorded();
  const feed = newFeed();
  const tops = Array.from({ length: 50 }, () => readTop(fixture.db, feed));
  const works = Array.from({ length: 50 }, () => write(async ({ append }) => append(feed, said.draft({ text: '' }))));
  await Promise.all([...tops, ...works]);
  const epochs = new Set((await Promise.all(tops)).map(({ epoch }) => epoch));
  expect(epochs.size).toBe(1);
  expect(await fixture.log(feed)).toHaveLength(50);
});
