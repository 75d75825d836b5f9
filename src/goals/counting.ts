import type { Db, Transaction } from '../db/client.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { GoalMetric } from '../generated/prisma/enums.ts';
import type { GoalProgress } from './entries.ts';
import { engagementOf } from './rules.ts';

/**
 * What is older than this, in seconds, is committed or never will be: a transaction gets less. It is counted once, and only what is
 * younger again and again: a show of many hours costs no more to count than its last minute.
 */
const settledSeconds = 60;

/** Reactions of an event so far: they are many, and have a tally that is exact. */
const reactionsOf = (eventId: Prisma.Sql) => Prisma.sql`
  COALESCE((SELECT sum(total) FROM "ReactionTally" t WHERE t."eventId" = ${eventId}), 0)::bigint`;

/** Reactions that do not count towards a goal which is set now. */
export async function reactionsBefore(tx: Transaction, eventId: string): Promise<bigint> {
  const [row] = await tx.$queryRaw<{ total: bigint }[]>`SELECT ${reactionsOf(Prisma.sql`${eventId}::uuid`)} AS total`;
  return row?.total ?? 0n;
}

/** Counts anew, from what was written down of the event. The caller holds the goal's row. Resolves with the progress. */
export async function count(tx: Transaction, { id, metric }: { id: string; metric: GoalMetric }): Promise<number> {
  const [counted] =
    metric === 'REACTIONS'
      ? await tx.$queryRaw<{ progress: number }[]>`
          UPDATE "Goal" g SET progress = ${reactionsOf(Prisma.sql`g."eventId"`)} - g."reactionsBefore"
          WHERE g.id = ${id}::uuid RETURNING g.progress::float8 AS progress`
      : await countEngagements(tx, id, engagementOf[metric]);
  if (counted === undefined) throw new Error('a goal that is held is missing');
  return counted.progress;
}

const countEngagements = (tx: Transaction, id: string, type: string): Promise<{ progress: number }[]> =>
  tx.$queryRaw`
    WITH goal AS (
      SELECT id, "eventId", settled, "countedUntil",
        GREATEST("countedUntil", date_trunc('milliseconds', clock_timestamp()) - make_interval(secs => ${settledSeconds})) AS until
      FROM "Goal" WHERE id = ${id}::uuid
    ), found AS (
      SELECT COALESCE(sum(l.count) FILTER (WHERE l."engagementTime" < goal.until), 0) AS old, COALESCE(sum(l.count), 0) AS total
      FROM goal LEFT JOIN "EngagementLog" l ON l."eventId" = goal."eventId" AND l."engagementType" = ${type}
        AND l."engagementTime" >= goal."countedUntil"
    )
    UPDATE "Goal" g SET progress = goal.settled + found.total, settled = goal.settled + found.old, "countedUntil" = goal.until
    FROM goal, found WHERE g.id = goal.id RETURNING g.progress::float8 AS progress`;

const typeOf = Prisma.sql`CASE g.metric ${Prisma.join(
  Object.entries(engagementOf).map(([metric, type]) => Prisma.sql`WHEN ${metric}::"GoalMetric" THEN ${type}`),
  ' ',
)} END`;

/**
 * The open goals that have come further since they were counted last. Most of the time there are none: one statement says so, however
 * many events have goals, and holds nothing.
 */
export async function movedGoals(db: Db): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT g.id FROM "Goal" g
    WHERE g.status = 'OPEN' AND g.progress <> CASE
      WHEN g.metric = 'REACTIONS' THEN ${reactionsOf(Prisma.sql`g."eventId"`)} - g."reactionsBefore"
      ELSE g.settled + (SELECT COALESCE(sum(l.count), 0) FROM "EngagementLog" l
        WHERE l."eventId" = g."eventId" AND l."engagementType" = ${typeOf} AND l."engagementTime" >= g."countedUntil") END`;
  return rows.map(({ id }) => id);
}

/** How far each of these events is with its open goals, in the order of their setting. Events without any are left out. */
export async function readOpenGoals(
  db: Db,
  eventIds: readonly string[],
): Promise<ReadonlyMap<string, readonly GoalProgress[]>> {
  const goals = await db.goal.findMany({
    where: { eventId: { in: [...eventIds] }, status: 'OPEN' },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    select: { id: true, eventId: true, progress: true },
  });
  const told = new Map<string, GoalProgress[]>();
  for (const { id, eventId, progress } of goals) {
    told.set(eventId, [...(told.get(eventId) ?? []), { goalId: id, progress: Number(progress) }]);
  }
  return told;
}
