import type { Db, Transaction } from '../db/client.ts';
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
 * told. Part of the ledger's transaction, in which the rewards were written and their wallets locked: whoever changes the same
 * scores holds these locks, so nobody waits here, and no two can wait for each other.
 */
export async function addScores(tx: Transaction, written: readonly Written[]): Promise<void> {
  const earned = written.filter(({ kind }) => isEarned(kind));
  if (earned.length === 0) return;
  // The account may have been deleted while the ledger waited for it: then it has no scores any more.
  await tx.$executeRaw`
    INSERT INTO "Score" AS c ("ownerId", period, since, "userId", points, "reachedAt")
    SELECT b."ownerId", b.period, b.since, r."userId", sum(r.points), max(r.timestamp)
    FROM "Reward" r JOIN "User" u ON u.id = r."userId" AND u."deletedAt" IS NULL CROSS JOIN LATERAL ${boardsOfReward}
    WHERE r.id = ANY(${earned.map(({ rewardId }) => rewardId)}::uuid[])
    GROUP BY b."ownerId", b.period, b.since, r."userId" HAVING sum(r.points) <> 0
    ON CONFLICT ("ownerId", period, since, "userId")
    DO UPDATE SET points = c.points + EXCLUDED.points, "reachedAt" = EXCLUDED."reachedAt"`;
  for (const eventId of new Set(earned.map(({ eventId }) => eventId))) await planTelling(tx, eventId);
}

/** The account is deleted: it is on no leaderboard any more. The caller has locked it. */
export async function forgetScores(tx: Transaction, userId: string): Promise<void> {
  // By way of where they earned anything: scores have no index of users.
  await tx.$executeRaw`
    DELETE FROM "Score" c USING (
      SELECT "hostId" AS "ownerId" FROM "Wallet" WHERE "userId" = ${userId}::uuid
      UNION SELECT "eventId" FROM "Reward" WHERE "userId" = ${userId}::uuid) AS o
    WHERE c."ownerId" = o."ownerId" AND c."userId" = ${userId}::uuid`;
}

/** Deletes the scores of months, weeks and days that are over: nobody is shown them. */
export async function forgetPeriods(db: Db): Promise<void> {
  await db.$executeRaw`
    DELETE FROM "Score" WHERE (period = 'MONTH' AND since < ${beganNow('MONTH')})
      OR (period = 'WEEK' AND since < ${beganNow('WEEK')}) OR (period = 'DAY' AND since < ${beganNow('DAY')})`;
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

/** Adds up what was earned, as of one moment, and compares it with every score that is shown now. */
export async function verifyScores(db: Db): Promise<{ scores: number; differences: ScoreDifference[] }> {
  const [verified] = await db.$queryRaw<{ scores: number; differences: ScoreDifference[] }[]>`
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
    )
    SELECT (SELECT count(*)::int FROM kept) AS scores,
      COALESCE(jsonb_agg(to_jsonb(compared) ORDER BY "ownerId", period, "userId") FILTER (WHERE points <> ledger), '[]') AS differences
    FROM compared`;
  if (verified === undefined) throw new Error('an aggregate has one row');
  return verified;
}
