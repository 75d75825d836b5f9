import { expect, test } from 'vitest';
import type { Entry } from '../../src/feed/entry.ts';
import { readTop } from '../../src/feed/log.ts';
import { createWrite, type Write } from '../../src/feed/unit-of-work.ts';
import { until } from '../wait.ts';
import { newFeed, said, useFeeds } from './feed-fixture.ts';
import { randomFrom } from './network.ts';

const fixture = useFeeds();

const { recorded, entries } = fixture;

test('many writers to several feeds, some of whom fail: no holes, and exactly what was committed', async () => {
  const { write, published } = recorded();
  const feeds = [newFeed(), newFeed(), newFeed()];
  const random = randomFrom(7);
  const committed = new Map(feeds.map((feed) => [feed, [] as string[]]));
  const writers = Array.from({ length: 120 }, async (_, writer) => {
    const chosen = feeds.filter(() => random() < 0.6).sort(() => random() - 0.5);
    const fails = random() < 0.3;
    const work = write(async ({ tx, append }) => {
      for (const feed of chosen) {
        append(feed, said.draft({ text: `${writer}a` }));
        append(feed, said.draft({ text: `${writer}b` }));
      }
      if (writer % 3 === 0) await tx.$queryRaw`SELECT 1`;
      if (fails) throw new Error('changed its mind');
    });
    if (fails) return expect(work).rejects.toThrow('changed its mind');
    await work;
    for (const feed of chosen) committed.get(feed)?.push(`${writer}a`, `${writer}b`);
  });
  await Promise.all(writers);

  for (const feed of feeds) {
    const log = await entries(feed);
    expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, index) => index + 1));
    expect((await readTop(fixture.db, feed)).sequence).toBe(log.length);
    const texts = log.map((entry) => (said.is(entry) ? entry.payload.text : null));
    expect([...texts].sort()).toEqual([...(committed.get(feed) ?? [])].sort());
    // What a work states together stands together.
    for (let index = 0; index < texts.length; index += 2)
      expect(texts[index + 1]).toBe(texts[index]?.replace('a', 'b'));
    const handedOn = published.filter((committed) => committed.feed === feed).flatMap(({ entries }) => entries);
    expect(handedOn.sort((a, b) => a.sequence - b.sequence)).toEqual(log);
  }
});

test('time never runs backwards within a feed, however long a work waited for its turn', async () => {
  const { write } = recorded();
  const feed = newFeed();
  await Promise.all(
    Array.from({ length: 60 }, () =>
      write(async ({ tx, append }) => {
        // Its clock is read long before its turn comes.
        await tx.$queryRaw`SELECT clock_timestamp()`;
        append(feed, said.draft({ text: '' }));
      }),
    ),
  );
  const log = await entries(feed);
  expect(log).toHaveLength(60);
  expect(log.every(({ occurredAt }, index) => index === 0 || occurredAt >= (log[index - 1]?.occurredAt ?? 0))).toBe(
    true,
  );
});

test('sequences are in the order of commits: a lower one is visible before any higher one', async () => {
  const { write } = recorded();
  const feed = newFeed();
  let writing = true;
  const writers = Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let n = 0; n < 8; n++) await write(async ({ append }) => append(feed, said.draft({ text: '' })));
    }),
  ).finally(() => {
    writing = false;
  });
  let looked = 0;
  while (writing) {
    const [seen] = await fixture.db.$queryRaw<{ count: bigint; top: bigint | null }[]>`
      SELECT count(*), max(sequence) AS top FROM "FeedEntry" WHERE feed = ${feed}`;
    expect(seen?.count).toBe(seen?.top ?? 0n);
    looked++;
  }
  await writers;
  expect(looked).toBeGreaterThan(5);
});

test('nothing is written or handed on when the work throws', async () => {
  const { write, published } = recorded();
  const feed = newFeed();
  await write(async ({ append }) => append(feed, said.draft({ text: 'before' })));
  const failing: Parameters<Write>[0][] = [
    async ({ append }) => {
      append(feed, said.draft({ text: 'thrown in the body' }));
      throw new Error('no');
    },
    async ({ append }) =>
      append(feed, said.draft({ text: 'thrown in place' }), async () => {
        throw new Error('no');
      }),
    async ({ append }) => append(feed, said.draft({ text: 'refused by the database' }, { actorId: 'no uuid' })),
  ];
  for (const body of failing) await expect(write(body)).rejects.toThrow();
  await write(async ({ append }) => append(feed, said.draft({ text: 'after' })));
  expect((await entries(feed)).map(({ sequence, payload }) => [sequence, payload])).toEqual([
    [1, { text: 'before' }],
    [2, { text: 'after' }],
  ]);
  expect(published.flatMap(({ entries }) => entries.map(({ sequence }) => sequence))).toEqual([1, 2]);
});

test('a work that states nothing hands nothing on, and gives its result', async () => {
  const { write, published } = recorded();
  expect(await write(async () => 'done')).toBe('done');
  expect(published).toEqual([]);
});

test('entries are handed on only once they can be read', async () => {
  const seen: Promise<Entry[]>[] = [];
  const feed = newFeed();
  const write = createWrite({ db: fixture.db, publish: () => seen.push(entries(feed)) });
  await write(async ({ append }) => append(feed, said.draft({ text: 'read me' })));
  expect(await Promise.all(seen)).toEqual([await entries(feed)]);
  expect(await seen[0]).toHaveLength(1);
});

test('place is told the sequence, inside the transaction, while the feed is locked', async () => {
  const { write } = recorded();
  const feed = newFeed();
  let other: Promise<void> | null = null;
  const order: string[] = [];
  await write(async ({ tx, append }) => {
    append(feed, said.draft({ text: 'first' }), async ([entry]) => {
      if (entry === undefined) throw new Error('a fact was stated and got no place');
      other = write(async ({ append }) =>
        append(feed, said.draft({ text: 'second' }), async ([entry]) => order.push(`second at ${entry?.sequence}`)),
      );
      await until(
        async () => {
          const waiting = await fixture.db.$queryRaw<unknown[]>`
            SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
              AND query LIKE '%INSERT INTO "Feed"%'`;
          return waiting.length > 0;
        },
        { what: 'the second writer to wait for the lock' },
      );
      await tx.feed.update({ where: { name: feed }, data: { originAt: new Date(entry.occurredAt) } });
      order.push(`first at ${entry.sequence}`);
    });
  });
  await other;
  expect(order).toEqual(['first at 1', 'second at 2']);
});

test('two works that state facts in the same feeds, in opposite order, cannot deadlock over them', async () => {
  const { write } = recorded();
  const [one, other] = [newFeed(), newFeed()];
  let runs = 0;
  const works = Array.from({ length: 60 }, (_, index) =>
    write(async ({ append }) => {
      runs++;
      for (const feed of index % 2 === 0 ? [one, other] : [other, one]) append(feed, said.draft({ text: `${index}` }));
    }),
  );
  await Promise.all(works);
  // A deadlock's victim would have run its body again.
  expect(runs).toBe(60);
  expect(await fixture.log(one)).toHaveLength(60);
  expect(await fixture.log(other)).toHaveLength(60);
});

test("a deadlock's victim is run again, and has its effect once", async () => {
  const { write, published } = recorded();
  const feed = newFeed();
  const [a, b] = [newFeed(), newFeed()];
  for (const name of [a, b]) await readTop(fixture.db, name);
  let runs = 0;
  let met = 0;
  let meet = (): void => {};
  const both = new Promise<void>((resolve) => {
    meet = resolve;
  });
  let end = (): void => {};
  const oneHasEnded = new Promise<void>((resolve) => {
    end = resolve;
  });
  const crossing = (first: string, second: string) =>
    write(async ({ tx, append }) => {
      // Who is run again may have its row before the other is awake, and be, or make, a victim once more.
      if (++runs > 2) await oneHasEnded;
      append(feed, said.draft({ text: first }));
      await tx.$queryRaw`SELECT 1 FROM "Feed" WHERE name = ${first} FOR UPDATE`;
      if (++met === 2) meet();
      await both;
      await tx.$queryRaw`SELECT 1 FROM "Feed" WHERE name = ${second} FOR UPDATE`;
      return first;
    }).finally(end);
  expect(await Promise.all([crossing(a, b), crossing(b, a)])).toEqual([a, b]);
  expect(runs).toBe(3);
  expect((await entries(feed)).map(({ payload }) => payload.text).sort()).toEqual([a, b].sort());
  expect(published).toHaveLength(2);
});

test('a conflict that never ends is given up and thrown', async () => {
  const { write, published } = recorded();
  const feed = newFeed();
  let runs = 0;
  const work = write(async ({ tx, append }) => {
    runs++;
    append(feed, said.draft({ text: 'never' }));
    await tx.$executeRawUnsafe(`DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$`);
  });
  await expect(work).rejects.toThrow();
  expect(runs).toBe(5);
  expect(await entries(feed)).toEqual([]);
  expect(published).toEqual([]);
});
