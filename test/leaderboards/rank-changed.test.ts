import { beforeEach, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { planTelling } from '../../src/leaderboards/telling.ts';
import { type Actor, createEvent, join, testPassword } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { crowd, give } from './board.ts';

const server = useServer();
let host: Actor;
let ada: Actor;
let bob: Actor;
let eventId: string;
beforeEach(async () => {
  host = await server.signUp({ role: 'HOST' });
  [ada, bob] = await Promise.all([server.signUp(), server.signUp()]);
  eventId = await createEvent(host, 'LIVE');
  for (const person of [ada, bob]) await join(person, eventId);
});

/** Resolves when nothing is planned any more. */
const told = () =>
  until(async () => (await server.app.db.job.count({ where: { kind: 'leaderboard.tell' } })) === 0, {
    what: 'all ranks to be told',
  });

/** What somebody was told of their rank in the event, in order. */
const toldTo = async (userId: string) =>
  (
    await server.app.db.feedEntry.findMany({
      where: { kind: 'RankChanged', feed: `user:${userId}`, subjectId: decodeGlobalId(eventId).id },
      orderBy: { sequence: 'asc' },
    })
  ).map(({ payload }) => payload);
const idOf = (actor: Actor) => decodeGlobalId(actor.id).id;

test('whoever comes among the first, moves there or falls back with equals is told in their own feed, and whoever stays is not', async () => {
  const { feedCursor } = (await ada.ask('{ viewer { feedCursor } }')).viewer;
  const feed = ada.subscribe(
    `subscription($after: String) { myFeed(after: $after) { __typename
      ... on RankChanged { eventId rank previousRank score } } }`,
    { after: feedCursor },
  );
  await give(host, eventId, ada, 5);
  await told();
  await give(host, eventId, ada, 5);
  await told();
  await give(host, eventId, bob, 12);
  await told();
  await give(host, eventId, ada, -10);
  await told();
  const heard = (await feed.has(6)).filter(({ __typename }) => __typename === 'RankChanged');
  const about = { __typename: 'RankChanged', eventId };
  expect(heard).toEqual([
    { ...about, rank: 1, previousRank: null, score: 5 },
    { ...about, rank: 2, previousRank: 1, score: 10 },
    { ...about, rank: null, previousRank: 2, score: 0 },
  ]);
  expect(await toldTo(idOf(bob))).toMatchObject([{ rank: 1, previousRank: null, score: 12 }]);
  await feed.close();
});

test('what changes many times is told once a second at most, each time as it stands', async () => {
  const from = performance.now();
  await Promise.all([...Array(20).keys()].map((n) => give(host, eventId, n % 2 === 0 ? ada : bob, 1 + (n % 2))));
  await told();
  const seconds = Math.ceil((performance.now() - from) / 1000);
  for (const [actor, rank] of [
    [ada, 2],
    [bob, 1],
  ] as const) {
    const facts = await toldTo(idOf(actor));
    expect(facts.length).toBeLessThanOrEqual(seconds);
    expect(facts[0]).toMatchObject({ previousRank: null });
    expect(facts.at(-1)).toMatchObject({ rank });
  }
});

test('of many with equal points the first ten are told, and who is pushed out hears that', async () => {
  const ids = await crowd(server, eventId, 30);
  for (const id of ids.slice(0, 10)) await give(host, eventId, id, 5);
  await told();
  const [last = ''] = ids.slice(9);
  await give(host, eventId, ids[20] ?? '', 7);
  await told();
  expect(await toldTo(last)).toMatchObject([
    { rank: 1, previousRank: null },
    { rank: null, previousRank: 1, score: 5 },
  ]);
  expect(await toldTo(ids[8] ?? '')).toMatchObject([{ rank: 1 }, { rank: 2, previousRank: 1 }]);
  const { db } = server.app;
  expect(await db.feedEntry.count({ where: { kind: 'RankChanged', subjectId: decodeGlobalId(eventId).id } })).toBe(21);
});

test('a telling planned while another one is under way is a telling of its own', async () => {
  const { db } = server.app;
  const { id } = decodeGlobalId(eventId);
  await give(host, eventId, ada, 5);
  await told();
  const before = await db.toldRanks.findUniqueOrThrow({ where: { eventId: id } });
  // Due at once, so soon after the last one: it waits for the second to be over.
  await db.$transaction((tx) => planTelling(tx, id));
  await db.$executeRaw`UPDATE "Job" SET "runAt" = clock_timestamp() WHERE kind = 'leaderboard.tell'`;
  await give(host, eventId, bob, 9);
  await told();
  const after = await db.toldRanks.findUniqueOrThrow({ where: { eventId: id } });
  expect(after.toldAt.getTime() - before.toldAt.getTime()).toBeGreaterThanOrEqual(1000);
  expect(after.ranks).toEqual({ [idOf(bob)]: 1, [idOf(ada)]: 2 });
  expect(await toldTo(idOf(ada))).toMatchObject([{ rank: 1 }, { rank: 2, previousRank: 1 }]);
});

test('whoever was behind somebody who deletes their account is told of the new rank, while the show is on air', async () => {
  await give(host, eventId, ada, 9);
  await give(host, eventId, bob, 5);
  const over = await createEvent(host, 'LIVE');
  for (const person of [ada, bob]) await join(person, over);
  await give(host, over, ada, 9);
  await give(host, over, bob, 5);
  await host.mutate('endVideoEvent', { eventId: over });
  await told();
  await ada.mutate('deleteAccount', { password: testPassword });
  await told();
  expect((await toldTo(idOf(bob))).slice(-1)).toMatchObject([{ rank: 1, previousRank: 2, score: 5 }]);
  expect(await server.app.db.feedEntry.count({ where: { kind: 'RankChanged', feed: `user:${idOf(bob)}` } })).toBe(
    (await toldTo(idOf(bob))).length + 1,
  );
});

test('nobody hears of an event in which ranks stayed, and nobody of the ranks of others', async () => {
  await give(host, eventId, ada, 5);
  await told();
  await give(host, eventId, ada, 5);
  await told();
  expect(await toldTo(idOf(ada))).toHaveLength(1);
  expect(await toldTo(idOf(bob))).toEqual([]);
  const { db } = server.app;
  expect(
    await db.feedEntry.count({ where: { kind: 'RankChanged', feed: `event:${decodeGlobalId(eventId).id}` } }),
  ).toBe(0);
});
