import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Viewer } from '../../src/auth/viewer.ts';
import { newId } from '../../src/ids.ts';
import { bucketOf, rankChanges, withRanks } from '../../src/leaderboards/rules.ts';
import { addScores, verifyScores } from '../../src/leaderboards/scores.ts';
import { createPeople } from '../authorisation/people.ts';
import { useServer } from '../harness.ts';
import { crowd } from './board.ts';

const server = useServer();
const size = 12;
let host: Viewer;

beforeAll(async () => {
  host = (await createPeople(server, { host: 'HOST' })).host.viewer;
});

const points = fc.integer({ min: 1, max: 4 });

/** One more than there are with more points. */
const naiveRank = (all: readonly number[], own: number): number => 1 + all.filter((other) => other > own).length;

test('a rank is one more than there are with more points, wherever the reading begins', () => {
  fc.assert(
    fc.property(fc.array(points, { minLength: 1, maxLength: 30 }), fc.nat(), (all, cut) => {
      const sorted = all.toSorted((a, b) => b - a).map((points) => ({ points }));
      const from = cut % sorted.length;
      const first = { rank: naiveRank(all, sorted[from]?.points ?? 0), place: from + 1 };
      expect(withRanks(sorted.slice(from), first)).toEqual(
        sorted.slice(from).map(({ points }) => ({ points, rank: naiveRank(all, points) })),
      );
    }),
  );
});

test('buckets grow with the points, hold those up to the most of them, and are the same in the database', async () => {
  const powers = fc
    .tuple(fc.integer({ min: 0, max: 52 }), fc.integer({ min: -1, max: 1 }))
    .map(([e, off]) => 2 ** e + off);
  const some = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.maxSafeInteger(), powers).map((n) => Math.abs(n) || 1),
    {
      minLength: 200,
      maxLength: 200,
    },
  );
  await fc.assert(
    fc.asyncProperty(some, async (all) => {
      const rows = await server.app.db.$queryRaw<{ bucket: number }[]>`
        SELECT "score_bucket"(p) AS bucket FROM unnest(${all}::bigint[]) WITH ORDINALITY AS u(p, place) ORDER BY place`;
      expect(rows.map(({ bucket }) => bucket)).toEqual(all.map((points) => bucketOf(points).bucket));
      for (const points of all) {
        const { bucket, most } = bucketOf(points);
        expect(most).toBeGreaterThanOrEqual(points);
        expect(bucketOf(most).bucket).toBe(bucket);
        if (most < Number.MAX_SAFE_INTEGER) expect(bucketOf(most + 1).bucket).toBe(bucket + 1);
      }
    }),
    { numRuns: 20 },
  );
});

test('what is told of ranks makes one state of them into the next', () => {
  const ranks = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 3 }), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(ranks, ranks, (before, now) => {
      const state = new Map(Object.entries(before));
      for (const { userId, rank, previousRank } of rankChanges(before, now)) {
        expect(state.get(userId) ?? null).toBe(previousRank);
        if (rank === null) state.delete(userId);
        else state.set(userId, rank);
      }
      expect(Object.fromEntries(state)).toEqual(now);
      expect(rankChanges(now, now)).toEqual([]);
    }),
  );
});

const posting = fc.record({
  who: fc.nat({ max: size - 1 }),
  points: fc.oneof(fc.integer({ min: -3, max: 5 }), fc.integer({ min: 30, max: 70 })).filter((n) => n !== 0),
});
/** What of a round is posted is posted together. */
const rounds = fc.array(fc.array(posting, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 });

/** Writes lines of the ledger in one transaction, whatever the balances would be. */
async function post(eventId: string, userIds: readonly string[], round: readonly { who: number; points: number }[]) {
  await server.app.db.$transaction(async (tx) => {
    const rows = round.map(({ who, points }) => ({ id: newId(), userId: userIds[who], points }));
    await tx.$executeRaw`
      WITH given AS (SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS g(id uuid, "userId" uuid, points int)),
      wallets AS (INSERT INTO "Wallet" (id, "userId", "hostId") SELECT gen_random_uuid(), "userId", ${host.id}::uuid
        FROM (SELECT DISTINCT "userId" FROM given) AS u ON CONFLICT DO NOTHING)
      SELECT 1`;
    await tx.$executeRaw`
      INSERT INTO "Reward" (id, "walletId", "userId", "hostId", "eventId", kind, points, source, timestamp)
      SELECT g.id, w.id, g."userId", w."hostId", ${eventId}::uuid, 'GRANTED', g.points, g.id::text, clock_timestamp()
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS g(id uuid, "userId" uuid, points int)
      JOIN "Wallet" w ON w."userId" = g."userId" AND w."hostId" = ${host.id}::uuid`;
    await addScores(
      tx,
      rows.map(({ id }) => ({ rewardId: id, eventId, kind: 'GRANTED' })),
    );
  });
}

test('entries, own entries and neighbours are those of a board made by hand from the ledger', async () => {
  const { db, capabilities } = server.app;
  await fc.assert(
    fc.asyncProperty(rounds, fc.nat({ max: 4 }), fc.integer({ min: 1, max: size }), async (rounds, around, first) => {
      const scheduledAt = new Date(Date.now() + 3_600_000);
      const { eventId } = await capabilities.events.create(host, { title: 'A show', scheduledAt });
      const userIds = await crowd(server, Buffer.from(`VideoEvent:${eventId}`).toString('base64'), size);
      for (const round of rounds) await post(eventId, userIds, round);
      const scores = await db.score.findMany({ where: { ownerId: eventId } });
      const byHand = userIds
        .map((userId, who) => ({
          userId,
          points: rounds.flat().reduce((sum, one) => (one.who === who ? sum + one.points : sum), 0),
          reachedAt: scores.find((score) => score.userId === userId)?.reachedAt.getTime() ?? 0,
        }))
        .filter(({ points }) => points > 0)
        .toSorted((a, b) => b.points - a.points || a.reachedAt - b.reachedAt || (a.userId < b.userId ? -1 : 1));
      const naive = byHand.map(({ userId, points }) => ({
        userId,
        points,
        rank: naiveRank(
          byHand.map((one) => one.points),
          points,
        ),
      }));
      for (const [who, userId] of userIds.entries()) {
        const viewer = { ...host, id: userId };
        const board = capabilities.leaderboards.of(viewer, { ownerId: eventId, period: 'ALL_TIME' }, { first });
        const shown = (entries: readonly { rank: number; points: number; profile: { userId: string } }[]) =>
          entries.map(({ rank, points, profile }) => ({ userId: profile.userId, points, rank }));
        if (who === 0) expect(shown(await board.entries())).toEqual(naive.slice(0, first));
        const place = naive.findIndex((one) => one.userId === userId);
        const own = await board.viewerEntry();
        expect(own === null ? [] : shown([own])).toEqual(naive.slice(place, place < 0 ? 0 : place + 1));
        const near = place < 0 ? [] : naive.slice(Math.max(0, place - around), place + around + 1);
        expect(shown(await board.viewerNeighbours(around))).toEqual(near);
      }
      expect(await verifyScores(db)).toMatchObject({ differences: [], miscounted: 0 });
      await db.job.deleteMany({ where: { kind: 'leaderboard.tell' } });
    }),
    { numRuns: 10, endOnFailure: true },
  );
}, 120_000);
