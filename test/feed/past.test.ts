import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeCursor } from '../../src/feed/cursor.ts';
import type { Audience } from '../../src/feed/entry.ts';
import { lastBefore, readTop } from '../../src/feed/log.ts';
import { lookedAt, type PastRequest, readPast } from '../../src/feed/past.ts';
import { newFeed, useFeeds } from './feed-fixture.ts';

const fixture = useFeeds();
const everyone: ReadonlySet<Audience> = new Set<Audience>(['everyone']);
const all: PastRequest = {
  after: null,
  fromOffset: null,
  toOffset: null,
  audiences: everyone,
  kinds: null,
  limit: 100,
};

/** A feed of entries with these offsets, of which those up to `floor` are no longer kept. */
async function feedOf(offsets: readonly (number | null)[], floor = 0): Promise<string> {
  const feed = newFeed();
  await readTop(fixture.db, feed);
  await fixture.db.$executeRaw`
    INSERT INTO "FeedEntry" (feed, sequence, kind, audience, payload, "occurredAt", "streamOffset")
    SELECT ${feed}, place, 'Said', 'everyone', '{"text":"x"}', now(), "offset"
    FROM unnest(${[...offsets]}::int[]) WITH ORDINALITY AS e("offset", place) WHERE place > ${floor}`;
  await fixture.db.feed.update({ where: { name: feed }, data: { top: offsets.length, floor } });
  return feed;
}

test('the last entry before a moment of the recording is found, whatever the moments, also where the beginning is gone', async () => {
  const moments = fc.record({
    before: fc.nat(3),
    steps: fc.array(fc.nat(3), { maxLength: 12 }),
    floor: fc.nat(5),
    offset: fc.nat(40),
  });
  const property = fc.asyncProperty(moments, async ({ before, steps, floor, offset }) => {
    let at = 0;
    const offsets = [...Array.from({ length: before }, () => null), ...steps.map((step) => (at += step))];
    const kept = Math.min(floor, offsets.length);
    const feed = await feedOf(offsets, kept);
    const brute = offsets.findIndex((value, place) => place >= kept && value !== null && value >= offset);
    expect(await lastBefore(fixture.db, offset, await readTop(fixture.db, feed))).toBe(
      brute === -1 ? offsets.length : brute,
    );
  });
  await fc.assert(property, { numRuns: 100 });
});

test('who asks for what is rare gets it, in pages of which none looks at more than it may', async () => {
  const count = 2 * lookedAt + 10;
  const feed = await feedOf(Array.from({ length: count }, (_, place) => place));
  for (const sequence of [5, lookedAt + 1, count]) {
    await fixture.db.feedEntry.update({
      where: { feed_sequence: { feed, sequence: BigInt(sequence) } },
      data: { kind: 'Rare' },
    });
  }
  const found: number[] = [];
  const ends: string[] = [];
  for (let after: string | null = null; ; ) {
    const page = await readPast(fixture.db, feed, { ...all, after, kinds: new Set(['Rare']) });
    found.push(...page.entries.map(({ sequence }) => sequence));
    ends.push(page.endCursor);
    after = page.endCursor;
    if (!page.hasNextPage) break;
  }
  const { epoch } = await readTop(fixture.db, feed);
  expect(found).toEqual([5, lookedAt + 1, count]);
  expect(ends).toEqual([lookedAt, 2 * lookedAt, count].map((sequence) => encodeCursor({ feed, epoch, sequence })));
});

test('what is redacted while pages are read is redacted on the next one', async () => {
  const { say } = fixture.instance();
  const feed = newFeed();
  const actorId = '01900000-0000-7000-8000-000000000001';
  const said = (text: string) => ({ kind: 'Said', payload: { text }, actorId });
  await say(feed, said('one'), said('two'));
  const first = await readPast(fixture.db, feed, { ...all, limit: 1 });
  expect(first).toMatchObject({ entries: [{ payload: { text: 'one' } }], hasNextPage: true });
  await say(feed, { kind: 'Removed', payload: {}, redacts: { actorId, patch: { text: null } } });
  const rest = await readPast(fixture.db, feed, { ...all, after: first.endCursor });
  expect(rest.entries.map(({ payload }) => payload)).toEqual([{ text: null }, {}]);
});
