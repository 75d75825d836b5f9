import { beforeEach, describe, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { newId } from '../../src/ids.ts';
import { addScores, forgetPeriods, verifyScores } from '../../src/leaderboards/scores.ts';
import { type Actor, createEvent, join, testPassword } from '../actor.ts';
import { useServer } from '../harness.ts';
import { crowd, give, readable } from './board.ts';

const server = useServer();
let host: Actor;
let people: Actor[];
let eventId: string;
beforeEach(async () => {
  host = await server.signUp({ role: 'HOST' });
  people = await Promise.all([1, 2, 3, 4].map(() => server.signUp()));
  eventId = await createEvent(host, 'LIVE');
  for (const person of people) await join(person, eventId);
});

/** Gives to the one at this place. */
const giveTo = (place: number, points: number, at = eventId) => give(host, at, people[place] ?? host, points);

const entry = '{ rank points user { userId displayName } }';
const board = `{ entries ${entry} viewerEntry ${entry} viewerNeighbours ${entry} }`;
const ofEvent = async (actor: Actor, selection = board, args = '') =>
  (await actor.ask(`query($id: ID!) { videoEvent(id: $id) { leaderboard${args} ${selection} } }`, { id: eventId }))
    .videoEvent.leaderboard;
const ofHost = async (actor: Actor, period: string, owner = host) =>
  (
    await actor.ask(
      `query($id: ID!, $period: LeaderboardPeriod!) { user(id: $id) { leaderboard(period: $period) ${board} } }`,
      {
        id: owner.id,
        period,
      },
    )
  ).user.leaderboard;
const entriesOf = (found: { entries: Parameters<typeof readable>[0] }) => readable(found.entries, people);

describe("an event's leaderboard", () => {
  test('ranks by points: equals share a rank, the first to reach them comes first, and the next rank is left out', async () => {
    await giveTo(0, 5);
    await giveTo(1, 7);
    await giveTo(2, 3);
    await giveTo(2, 4);
    await giveTo(3, 7);
    await giveTo(3, -7);
    expect(entriesOf(await ofEvent(server.guest))).toEqual([
      [1, 7, 1],
      [1, 7, 2],
      [3, 5, 0],
    ]);
  });

  test('shows each their own entry and neighbours, and guests and strangers none', async () => {
    for (const [place, points] of [40, 30, 30, 10].entries()) await giveTo(place, points);
    const [, second = host, third = host] = people;
    const seen = await ofEvent(third, board, '(first: 1)');
    expect(entriesOf(seen)).toEqual([[1, 40, 0]]);
    expect(readable([seen.viewerEntry], people)).toEqual([[2, 30, 2]]);
    expect(readable(seen.viewerNeighbours, people)).toEqual([
      [1, 40, 0],
      [2, 30, 1],
      [2, 30, 2],
      [4, 10, 3],
    ]);
    const near = await ofEvent(
      second,
      `{ one: viewerNeighbours(around: 1) ${entry} none: viewerNeighbours(around: 0) ${entry} }`,
    );
    expect(readable(near.one, people)).toEqual([
      [1, 40, 0],
      [2, 30, 1],
      [2, 30, 2],
    ]);
    expect(readable(near.none, people)).toEqual([[2, 30, 1]]);
    for (const nobody of [server.guest, host, await server.signUp()])
      expect(await ofEvent(nobody)).toMatchObject({ viewerEntry: null, viewerNeighbours: [] });
  });

  test('counts what was earned: neither what is spent nor what comes back of it', async () => {
    await giveTo(0, 20);
    const [ada = host] = people;
    const { perk } = await host.mutate('createPerk', { title: 'A song', cost: 15 }, 'perk { id }');
    const { redemption } = await ada.mutate('redeemPerk', { eventId, perkId: perk.id }, 'redemption { id }');
    expect(entriesOf(await ofEvent(ada))).toEqual([[1, 20, 0]]);
    await host.mutate('cancelRedemption', { redemptionId: redemption.id });
    expect(entriesOf(await ofEvent(ada))).toEqual([[1, 20, 0]]);
    await giveTo(0, -20);
    expect(await ofEvent(ada)).toEqual({ entries: [], viewerEntry: null, viewerNeighbours: [] });
    expect(await verifyScores(server.app.db)).toMatchObject({ differences: [], miscounted: 0 });
  });

  test('is without who is banned in the event, until the ban is lifted', async () => {
    for (const [place, points] of [40, 30, 20].entries()) await giveTo(place, points);
    const [ada = host, bob = host] = people;
    await host.mutate('banUser', { eventId, userId: ada.id });
    const seen = await ofEvent(bob);
    expect(entriesOf(seen)).toEqual([
      [1, 30, 1],
      [2, 20, 2],
    ]);
    expect(readable(seen.viewerNeighbours, people)).toEqual(entriesOf(seen));
    expect(seen.viewerEntry.rank).toBe(1);
    expect(await ofEvent(ada)).toMatchObject({ viewerEntry: null, viewerNeighbours: [] });
    // With the host they still have what they earned.
    expect(entriesOf(await ofHost(bob, 'ALL_TIME'))[0]).toEqual([1, 40, 0]);
    await host.mutate('liftSanction', { eventId, userId: ada.id });
    expect(entriesOf(await ofEvent(bob))[0]).toEqual([1, 40, 0]);
  });

  test('is without who deleted their account', async () => {
    for (const [place, points] of [40, 30].entries()) await giveTo(place, points);
    const [ada = host, bob = host] = people;
    await ada.mutate('deleteAccount', { password: testPassword });
    expect(entriesOf(await ofEvent(bob))).toEqual([[1, 30, 1]]);
    expect(entriesOf(await ofHost(bob, 'WEEK'))).toEqual([[1, 30, 1]]);
    expect((await ofEvent(bob)).viewerEntry.rank).toBe(1);
    expect(await verifyScores(server.app.db)).toMatchObject({ differences: [], miscounted: 0 });
  });

  test('gives 1 to 100 entries and up to 10 neighbours on a side', async () => {
    const ids = await crowd(server, eventId, 103);
    await host.mutate('grantRewards', { eventId, points: 5, reason: 'for coming' });
    const last = ids.at(-1) ?? '';
    await expect.poll(async () => (await ofEvent(server.guest, board, '(first: 100)')).entries.length).toBe(100);
    await give(host, eventId, last, 1);
    const { entries } = await ofEvent(server.guest, board, '(first: 3)');
    expect(entries.map(({ rank }: { rank: number }) => rank)).toEqual([1, 2, 2]);
    const leaderboard = (args: string, selection: string) =>
      server.guest.refusal(`query($id: ID!) { videoEvent(id: $id) { leaderboard${args} ${selection} } }`, {
        id: eventId,
      });
    for (const first of [0, -1, 101]) expect(await leaderboard(`(first: ${first})`, board)).toBe('INVALID_INPUT');
    for (const around of [-1, 11])
      expect(await leaderboard('', `{ viewerNeighbours(around: ${around}) ${entry} }`)).toBe('INVALID_INPUT');
    expect(await leaderboard('(first: 1000)', board)).toBe('LIMIT_EXCEEDED');
    expect(await leaderboard('(first: 100)', board)).toBeNull();
  });

  test('of a private event is for whoever sees the event', async () => {
    await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
    await giveTo(0, 5);
    const [ada = host] = people;
    for (const insider of [ada, host]) expect(entriesOf(await ofEvent(insider))).toEqual([[1, 5, 0]]);
    for (const outsider of [server.guest, await server.signUp()]) {
      const { videoEvent } = await outsider.ask(
        'query($id: ID!) { videoEvent(id: $id) { leaderboard { entries { rank } } } }',
        {
          id: eventId,
        },
      );
      expect(videoEvent).toBeNull();
    }
  });
});

describe("a host's leaderboard", () => {
  test('counts all of their events, and nobody else their own', async () => {
    const other = await createEvent(host, 'LIVE');
    const [ada = host, bob = host] = people;
    for (const person of [ada, bob]) await join(person, other);
    await giveTo(0, 5);
    await giveTo(1, 4);
    await giveTo(1, 4, other);
    expect(entriesOf(await ofHost(ada, 'ALL_TIME'))).toEqual([
      [1, 8, 1],
      [2, 5, 0],
    ]);
    expect(entriesOf(await ofEvent(ada))).toEqual([
      [1, 5, 0],
      [2, 4, 1],
    ]);
    expect(await ofHost(server.guest, 'DAY', await server.signUp({ role: 'HOST' }))).toEqual({
      entries: [],
      viewerEntry: null,
      viewerNeighbours: [],
    });
    expect(await ofHost(server.guest, 'DAY', ada)).toBeNull();
  });

  /** A line of the ledger of so many days ago. */
  async function paidEarlier(place: number, points: number, daysAgo: number): Promise<void> {
    const { db } = server.app;
    const userId = decodeGlobalId(people[place]?.id ?? '').id;
    const [event, rewardId] = [decodeGlobalId(eventId).id, newId()];
    await db.$transaction(async (tx) => {
      await tx.$executeRaw`
        INSERT INTO "Reward" (id, "walletId", "userId", "hostId", "eventId", kind, points, source, timestamp)
        SELECT ${rewardId}::uuid, w.id, w."userId", w."hostId", ${event}::uuid, 'GRANTED', ${points}::int, ${rewardId},
          now() - make_interval(days => ${daysAgo}::int)
        FROM "Wallet" w WHERE w."userId" = ${userId}::uuid`;
      await addScores(tx, [{ rewardId, eventId: event, kind: 'GRANTED' }]);
    });
  }

  test('counts by day, week and month as the ledger has it; what is over is forgotten in time', async () => {
    const { db } = server.app;
    await giveTo(0, 1);
    await giveTo(1, 2);
    for (const period of ['DAY', 'WEEK', 'MONTH', 'ALL_TIME'])
      expect(entriesOf(await ofHost(server.guest, period))).toEqual([
        [1, 2, 1],
        [2, 1, 0],
      ]);
    const [reach = { week: false, month: false }] = await db.$queryRaw<{ week: boolean; month: boolean }[]>`
      SELECT date_trunc('week', now() AT TIME ZONE 'UTC') = date_trunc('week', (now() - interval '1 day') AT TIME ZONE 'UTC') AS week,
        date_trunc('month', now() AT TIME ZONE 'UTC') = date_trunc('month', (now() - interval '1 day') AT TIME ZONE 'UTC') AS month`;
    await paidEarlier(0, 10, 1);
    await paidEarlier(0, 100, 40);
    const pointsIn = async (period: string) => (await ofHost(people[0] ?? host, period)).viewerEntry.points;
    expect(await Promise.all(['DAY', 'WEEK', 'MONTH', 'ALL_TIME'].map(pointsIn))).toEqual([
      1,
      reach.week ? 11 : 1,
      reach.month ? 11 : 1,
      111,
    ]);
    expect(entriesOf(await ofEvent(server.guest))[0]).toEqual([1, 111, 0]);
    const { id } = decodeGlobalId(host.id);
    const kept = () => db.score.count({ where: { ownerId: id } });
    const before = await kept();
    await forgetPeriods(db);
    // The day of each, and the week and the month of the older one; those of yesterday may be over, too.
    expect(before - (await kept())).toBe(4 + Number(!reach.week) + Number(!reach.month));
    expect(await pointsIn('ALL_TIME')).toBe(111);
    expect(await verifyScores(db)).toMatchObject({ differences: [], miscounted: 0 });
  });
});

test('a score that the ledger does not explain is found, and one that is missing', async () => {
  const { db } = server.app;
  await giveTo(0, 9);
  const [ownerId, userId] = [decodeGlobalId(eventId).id, decodeGlobalId(people[0]?.id ?? '').id];
  const wrong = async () => (await verifyScores(db)).differences;
  const score = { ownerId, period: 'ALL_TIME', userId, ledger: 9 };
  await db.$executeRaw`UPDATE "Score" SET points = 10 WHERE "ownerId" = ${ownerId}::uuid`;
  expect(await wrong()).toEqual([{ ...score, points: 10 }]);
  const [gone] = await db.$queryRaw<{ since: Date; reachedAt: Date }[]>`
    DELETE FROM "Score" WHERE "ownerId" = ${ownerId}::uuid RETURNING since, "reachedAt"`;
  expect(await wrong()).toEqual([{ ...score, points: 0 }]);
  if (gone !== undefined) await db.score.create({ data: { ownerId, userId, period: 'ALL_TIME', points: 9, ...gone } });
  expect(await wrong()).toEqual([]);
});
