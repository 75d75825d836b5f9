import type { Db, Transaction } from '../db/client.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { RewardKind } from '../generated/prisma/enums.ts';
import { beganNow, boardsOfReward } from './board.ts';
import { earnedKinds, isEarned } from './rules.ts';
import { planTelling } from './telling.ts';

/** What was written into the ledger. */
export interface Written {
  readonly rewardId: string;
  readonly eventId: string;
  readonly kind: RewardKind;
}

/**
 * Adds what was earned to the scores of its event and host, however much it is in one statement, and sees to it that new ranks are
 * told. Part of the ledger's transaction, in which the rewards were written and their wallets locked: nobody else changes the same
 * scores. Buckets are shared, and taken in one order.
 */
export async function addScores(tx: Transaction, written: readonly Written[]): Promise<void> {
  const earned = written.filter(({ kind }) => isEarned(kind));
  if (earned.length === 0) return;
  // The account may have been deleted while the ledger waited for it: then it has no scores any more. Accounts are looked up one by
  // one: a join, planned without knowing how few they are, reads the whole table. What a score was before follows from what it
  // became: looked up for itself, it might be sought through the index of points, which is the whole leaderboard.
  await tx.$executeRaw`
    WITH earned AS (
      SELECT b."ownerId", b.period, b.since, r."userId", sum(r.points)::bigint AS points, max(r.timestamp) AS "reachedAt"
      FROM "Reward" r CROSS JOIN LATERAL ${boardsOfReward}
      WHERE r.id = ANY(${earned.map(({ rewardId }) => rewardId)}::uuid[])
        AND (SELECT u."deletedAt" IS NULL FROM "User" u WHERE u.id = r."userId")
      GROUP BY b."ownerId", b.period, b.since, r."userId" HAVING sum(r.points) <> 0
    ), scored AS (
      INSERT INTO "Score" AS c ("ownerId", period, since, "userId", points, "reachedAt") SELECT * FROM earned
      ON CONFLICT ("ownerId", period, since, "userId")
      DO UPDATE SET points = c.points + EXCLUDED.points, "reachedAt" = EXCLUDED."reachedAt"
      RETURNING "ownerId", period, since, "userId", points
    ), moved AS (
      SELECT "ownerId", period, since, m.bucket, sum(m.people) AS people
      FROM scored s JOIN earned e USING ("ownerId", period, since, "userId")
      CROSS JOIN LATERAL (VALUES ("score_bucket"(s.points - e.points), -1), ("score_bucket"(s.points), 1)) AS m(bucket, people)
      WHERE m.bucket IS NOT NULL GROUP BY 1, 2, 3, 4 HAVING sum(m.people) <> 0
    )
    INSERT INTO "ScoreBucket" AS k ("ownerId", period, since, bucket, people)
    SELECT * FROM moved ORDER BY "ownerId", period, since, bucket
    ON CONFLICT ("ownerId", period, since, bucket) DO UPDATE SET people = k.people + EXCLUDED.people`;
  for (const eventId of new Set(earned.map(({ eventId }) => eventId))) await planTelling(tx, eventId);
}

/**
 * The account is deleted: it is on no leaderboard any more, and of shows on air new ranks are told. The caller has locked it.
 */
export async function forgetScores(tx: Transaction, userId: string): Promise<void> {
  // By way of where they earned anything: scores have no index of users.
  const onAir = await tx.$queryRaw<{ id: string }[]>`
    WITH gone AS (
      DELETE FROM "Score" c USING (
        SELECT "hostId" AS "ownerId" FROM "Wallet" WHERE "userId" = ${userId}::uuid
        UNION SELECT "eventId" FROM "Reward" WHERE "userId" = ${userId}::uuid) AS o
      WHERE c."ownerId" = o."ownerId" AND c."userId" = ${userId}::uuid
      RETURNING c."ownerId", c.period, c.since, "score_bucket"(c.points) AS bucket
    ), locked AS (
      SELECT k.* FROM "ScoreBucket" k JOIN gone USING ("ownerId", period, since, bucket)
      ORDER BY k."ownerId", k.period, k.since, k.bucket FOR UPDATE OF k
    ), uncounted AS (
      UPDATE "ScoreBucket" k SET people = k.people - 1 FROM locked l
      WHERE k."ownerId" = l."ownerId" AND k.period = l.period AND k.since = l.since AND k.bucket = l.bucket
    )
    SELECT id FROM "VideoEvent" WHERE id IN (SELECT "ownerId" FROM gone) AND status IN ('LIVE', 'INTERRUPTED')`;
  for (const { id } of onAir) await planTelling(tx, id);
}

/** Deletes the scores of months, weeks and days that are over: nobody is shown them. */
export async function forgetPeriods(db: Db): Promise<void> {
  const over = Prisma.sql`(period = 'MONTH' AND since < ${beganNow('MONTH')})
    OR (period = 'WEEK' AND since < ${beganNow('WEEK')}) OR (period = 'DAY' AND since < ${beganNow('DAY')})`;
  await db.$executeRaw`DELETE FROM "Score" WHERE ${over}`;
  await db.$executeRaw`DELETE FROM "ScoreBucket" WHERE ${over}`;
}

/** A score that is not what the ledger says. */
export interface ScoreDifference {
  readonly ownerId: string;
  readonly period: string;
  readonly userId: string;
  readonly points: number;
  /** What it should be. */
  readonly ledger: number;
}

export interface VerifiedScores {
  readonly scores: number;
  readonly differences: ScoreDifference[];
  /** Buckets that do not hold as many as have such scores. */
  readonly miscounted: number;
}

/** Adds up what was earned, as of one moment, and compares it with every score that is shown now, and these with how they are counted. */
export async function verifyScores(db: Db): Promise<VerifiedScores> {
  const [verified] = await db.$queryRaw<VerifiedScores[]>`
    WITH current(period, since) AS (VALUES ('ALL_TIME'::"LeaderboardPeriod", ${beganNow('ALL_TIME')}),
      ('MONTH', ${beganNow('MONTH')}), ('WEEK', ${beganNow('WEEK')}), ('DAY', ${beganNow('DAY')})
    ), kept AS (
      SELECT * FROM "Score" JOIN current USING (period, since)
    ), earned AS (
      SELECT b."ownerId", b.period, b.since, r."userId", sum(r.points)::bigint AS points
      FROM "Reward" r JOIN "User" u ON u.id = r."userId" AND u."deletedAt" IS NULL CROSS JOIN LATERAL ${boardsOfReward}
      WHERE r.kind::text = ANY(${earnedKinds}::text[]) GROUP BY 1, 2, 3, 4
    ), compared AS (
      SELECT "ownerId", period, "userId", COALESCE(k.points, 0) AS points, COALESCE(e.points, 0) AS ledger
      FROM (SELECT * FROM earned JOIN current USING (period, since)) AS e
      FULL JOIN kept k USING ("ownerId", period, since, "userId")
    ), counted AS (
      SELECT "ownerId", period, since, "score_bucket"(points) AS bucket, count(*) AS people
      FROM kept WHERE points > 0 GROUP BY 1, 2, 3, 4
    )
    SELECT (SELECT count(*)::int FROM kept) AS scores,
      (SELECT count(*)::int FROM counted n FULL JOIN (SELECT * FROM "ScoreBucket" JOIN current USING (period, since)) AS k
        USING ("ownerId", period, since, bucket) WHERE COALESCE(n.people, 0) <> COALESCE(k.people, 0)) AS miscounted,
      COALESCE(jsonb_agg(to_jsonb(compared) ORDER BY "ownerId", period, "userId") FILTER (WHERE points <> ledger), '[]') AS differences
    FROM compared`;
  if (verified === undefined) throw new Error('an aggregate has one row');
  return verified;
}
