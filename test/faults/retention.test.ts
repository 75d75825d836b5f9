import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { videoEventAnnounced } from '../../src/events/entries.ts';
import { encodeCursor } from '../../src/feed/cursor.ts';
import { feeds } from '../../src/feed/entry.ts';
import { readTop } from '../../src/feed/log.ts';
import { pruneFeeds } from '../../src/feed/retention.ts';
import { decodeGlobalId } from '../../src/global-id.ts';
import { newId } from '../../src/ids.ts';
import { createEvent, signUp } from '../actor.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { type Author, openAuthor } from './author.ts';
import { useCluster } from './cluster.ts';
import { EventStream } from './event-stream.ts';
import { SteadyFlow, toldFlow } from './flow/steady-flow.ts';
import { flawless } from './oracle.ts';
import { cursorOf } from './stage.ts';

const item = '__typename ... on FeedItem { cursor sequence } ... on FeedReset { reason }';
const scheduleDocument = `subscription($after: String) { feed: scheduleFeed(after: $after) {
  ${item} ... on VideoEventAnnounced { event { description } } } }`;
const eventDocument = `subscription($eventId: ID!, $after: String) {
  feed: videoEventFeed(eventId: $eventId, after: $after) { ${item} } }`;

/** The least that may be configured, so that it bites soon. */
const { retention } = readConfig({ NODE_ENV: 'test', FEED_RETENTION_ENTRIES: '1024', FEED_RETENTION_DAYS: '90' });
const profile = { userId: newId(), username: 'host', displayName: 'Host', avatarUrl: null };

interface Item {
  cursor: string;
  sequence: number;
  reason?: string;
}

const itemsOf = ({ results }: EventStream): Item[] => results.map(({ data }) => data.feed);

/** How far these items lead that were asked for behind `start`, and whether any was missed without a word or came twice. */
function walk(items: readonly Item[], start: number) {
  const found = { place: start, missed: 0, twice: 0, resets: [] as string[] };
  for (const { sequence, reason } of items) {
    if (reason !== undefined) found.resets.push(reason);
    else if (sequence <= found.place) found.twice++;
    else found.missed += sequence - found.place - 1;
    found.place = sequence;
  }
  return found;
}

/** Nothing missed or repeated from `start` to `end`, but for what these resets told. */
const unbroken = (place: number, resets: string[] = []) => ({ place, missed: 0, twice: 0, resets });

describeRedis('feeds are pruned and restored while entries flow', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url });

  /** Runs the test beside a steady flow, which nothing of this may disturb. */
  async function besideFlow(name: string, body: (author: Author, flow: SteadyFlow) => Promise<void>): Promise<void> {
    const flow = await SteadyFlow.start(cluster, { redisUrl: redis.url });
    const author = await openAuthor({ databaseUrl: cluster.databaseUrl, redisUrl: redis.url });
    try {
      await flow.mark(name);
      await body(author, flow);
      const flowed = await flow.judged();
      console.log(toldFlow(`beside "${name}"`, flowed));
      expect(flowed).toMatchObject({ verdict: flawless(flowed.verdict.expected), unknown: 0, resets: 0, ends: [] });
    } finally {
      await Promise.all([flow.ends(), author.close()]);
    }
  }

  /** On each instance, behind this cursor. */
  const follow = (document: string, variables: Record<string, unknown>) =>
    cluster.urls.map((url) => new EventStream(url, null, document, variables));

  /** Whether every instance knows that this cursor has expired. */
  async function knowsFloor(after: string, eventId: string): Promise<boolean> {
    const probes = follow(eventDocument, { eventId, after });
    await Promise.all(probes.map((probe) => probe.has(1)));
    for (const probe of probes) probe.close();
    return probes.every((probe) => itemsOf(probe)[0]?.reason === 'EXPIRED');
  }

  test('whoever comes back to what was pruned is told, whoever reads on misses nothing', async () => {
    await besideFlow('pruned', async (author, flow) => {
      const first = await readTop(author.db, feeds.schedule);
      const after = encodeCursor(first);
      const reading = follow(scheduleDocument, { after });
      const stuck = follow(scheduleDocument, { after });
      await announce(author, 10);
      await Promise.all([...reading, ...stuck].map((stream) => stream.has(10)));
      for (const stream of stuck) stream.pause();
      const left = await readTop(author.db, feeds.schedule);

      // Far more than the connections of the stuck ones hold, and than the tails do.
      for (let commits = 1; commits <= 80; commits++) {
        await announce(author, 100);
        // Who reads on is never as far behind as what is pruned, however busy the machine.
        if (commits % 4 === 0) await Promise.all(reading.map((stream) => stream.has(10 + commits * 100)));
      }
      const announcing = (async () => {
        for (let commits = 0; commits < 10; commits++) await announce(author, 100);
      })();
      // As on several instances in the same hour.
      const pruned = await Promise.all([1, 2, 3].map(() => pruneFeeds(author.db, retention)));
      const { floor } = await readTop(author.db, feeds.schedule);
      await announcing;

      const back = follow(scheduleDocument, { after: encodeCursor(left) });
      const atTheFloor = follow(scheduleDocument, { after: encodeCursor({ ...first, sequence: floor }) });
      for (const stream of stuck) stream.resume();
      const told = (stream: EventStream) => itemsOf(stream).some(({ reason }) => reason !== undefined);
      await until(() => stuck.every((one) => told(one) || one.over), { what: 'the stuck to read on' });
      // Who was given up meanwhile comes back behind the last it got.
      const places = stuck.filter((one) => !told(one)).map((one) => itemsOf(one).at(-1)?.cursor);
      const [here = ''] = cluster.urls;
      const resumed = places.map((place) => new EventStream(here, null, scheduleDocument, { after: place }));
      await until(() => [...back, ...resumed].every(told), { what: 'who are behind to be told' });
      await announce(author, 10);
      const top = await readTop(author.db, feeds.schedule);
      const goOn = [...stuck.filter(told), ...resumed];
      const everybody = [...reading, ...goOn, ...back, ...atTheFloor];
      await until(() => everybody.every((one) => itemsOf(one).at(-1)?.sequence === top.sequence), {
        limitMs: 30_000,
        what: `everybody to get entry ${top.sequence}`,
      });

      const walks = {
        reading: reading.map((one) => walk(itemsOf(one), first.sequence)),
        stuck: [
          ...stuck.filter(told).map((one) => walk(itemsOf(one), first.sequence)),
          ...stuck
            .filter((one) => !told(one))
            .map((one, place) => walk([...itemsOf(one), ...itemsOf(resumed[place] ?? one)], first.sequence)),
        ],
        back: back.map((one) => walk(itemsOf(one), left.sequence)),
        atTheFloor: atTheFloor.map((one) => walk(itemsOf(one), floor)),
      };
      console.log(
        `pruned: ${pruned.reduce((sum, count) => sum + count)} of ${top.sequence} entries while they flowed; ` +
          `of the stuck ones ${resumed.length} were given up; lost/twice ` +
          Object.entries(walks)
            .map(([who, all]) => `${who} ${all.map(({ missed, twice, resets }) => `${missed}/${twice} ${resets}`)}`)
            .join('; '),
      );
      expect(floor).toBeGreaterThan(left.sequence);
      const expired = unbroken(top.sequence, ['EXPIRED']);
      const whole = unbroken(top.sequence);
      expect(walks).toEqual({
        reading: [whole, whole, whole],
        stuck: [expired, expired, expired],
        back: [expired, expired, expired],
        atTheFloor: [whole, whole, whole],
      });
      for (const stream of [...everybody, ...stuck]) stream.close();
      await flow.lasts(100);
    });
  }, 120_000);

  test('an event of long ago is pruned while its followers stay; who comes back with an old cursor is told', async () => {
    await besideFlow('an old event pruned', async (author) => {
      const host = await signUp(cluster.urls[0] ?? '', { role: 'HOST' });
      const eventId = await createEvent(host, 'LIVE');
      const feed = feeds.event(decodeGlobalId(eventId).id);
      const early = await cursorOf(host, eventId);
      for (let number = 0; number < 20; number++) await host.mutate('sendMessage', { eventId, text: `${number}` });
      const staying = follow(eventDocument, { eventId, after: early });
      await Promise.all(staying.map((stream) => stream.has(20)));

      await author.db
        .$executeRaw`UPDATE "FeedEntry" SET "occurredAt" = now() - interval '91 days' WHERE feed = ${feed}`;
      await Promise.all([1, 2, 3].map(() => pruneFeeds(author.db, retention)));
      const { sequence, floor } = await readTop(author.db, feed);
      expect(floor).toBe(sequence - 1);
      // An instance knows of the floor with its next look at the log, and reads from its tail until then.
      await until(() => knowsFloor(early, eventId), { what: 'the floor to be known' });
      const back = follow(eventDocument, { eventId, after: early });
      await Promise.all(back.map((stream) => stream.has(1)));
      // What a client does then: it reads anew, and goes on behind what it read or behind the reset.
      const anew = follow(eventDocument, { eventId, after: await cursorOf(host, eventId) });
      await host.mutate('sendMessage', { eventId, text: 'here we are again' });
      await Promise.all([...staying.map((one) => one.has(21)), ...back.map((one) => one.has(2))]);
      await Promise.all(anew.map((one) => one.has(1)));
      const start = sequence - 20;
      expect(staying.map((one) => walk(itemsOf(one), start))).toEqual(staying.map(() => unbroken(sequence + 1)));
      expect(back.map((one) => walk(itemsOf(one), start))).toEqual(back.map(() => unbroken(sequence + 1, ['EXPIRED'])));
      expect(anew.map((one) => walk(itemsOf(one), sequence))).toEqual(anew.map(() => unbroken(sequence + 1)));
      for (const stream of [...staying, ...back, ...anew]) stream.close();
    });
  }, 120_000);

  test('a log that was restored tells everybody, those who follow it and those who come with a cursor of before', async () => {
    await besideFlow('restored', async (author, flow) => {
      const host = await signUp(cluster.urls[0] ?? '', { role: 'HOST' });
      const eventId = await createEvent(host, 'LIVE');
      const eventRow = decodeGlobalId(eventId).id;
      const feed = feeds.event(eventRow);
      const early = await cursorOf(host, eventId);
      for (let number = 0; number < 20; number++) await host.mutate('sendMessage', { eventId, text: `${number}` });
      const following = follow(eventDocument, { eventId, after: early });
      await Promise.all(following.map((stream) => stream.has(20)));
      const { sequence } = await readTop(author.db, feed);

      const kept = sequence - 5;
      const restoredAt = performance.now();
      await author.db.$transaction([
        author.db.$executeRaw`UPDATE "Feed" SET epoch = 'restored', top = ${kept} WHERE name = ${feed}`,
        author.db.$executeRaw`DELETE FROM "FeedEntry" WHERE feed = ${feed} AND sequence > ${kept}`,
        author.db.$executeRaw`DELETE FROM "Message" WHERE "eventId" = ${eventRow}::uuid AND sequence > ${kept}`,
      ]);
      await Promise.all(following.map((stream) => stream.has(21)));
      const toldMs = Math.round(performance.now() - restoredAt);
      const back = follow(eventDocument, { eventId, after: early });
      await Promise.all(back.map((stream) => stream.has(1)));
      const anew = follow(eventDocument, { eventId, after: await cursorOf(host, eventId) });
      await flow.lasts(100);
      await host.mutate('sendMessage', { eventId, text: 'after the restore' });
      await Promise.all([...following.map((one) => one.has(22)), ...back.map((one) => one.has(2))]);
      await Promise.all(anew.map((one) => one.has(1)));
      const start = sequence - 20;
      const reset = unbroken(kept + 1, ['OLD_EPOCH']);
      console.log(`restored: everybody on three instances was told after ${toldMs} ms`);
      expect(following.map((one) => walk(itemsOf(one), start))).toEqual(following.map(() => reset));
      expect(back.map((one) => walk(itemsOf(one), start))).toEqual(back.map(() => reset));
      expect(anew.map((one) => walk(itemsOf(one), kept))).toEqual(anew.map(() => unbroken(kept + 1)));
      for (const stream of [...following, ...back, ...anew]) stream.close();
    });
  }, 120_000);
});

/** So many events announced together, with 2 kB about each. */
async function announce({ write }: Author, count: number): Promise<void> {
  const event = {
    title: 'A show',
    description: 'x'.repeat(2000),
    streamUrl: null,
    coverImageUrl: null,
    scheduledAt: new Date().toISOString(),
    status: 'SCHEDULED',
    visibility: 'PUBLIC',
    startedAt: null,
    endedAt: null,
    capacity: null,
    slowModeSeconds: 0,
  } as const;
  const drafts = Array.from({ length: count }, () =>
    videoEventAnnounced.draft({ event: { ...event, eventId: newId() }, actor: profile }),
  );
  await write(async ({ append }) => append(feeds.schedule, drafts));
}
