import { z } from 'zod';
import { feeds } from '../feed/entry.ts';
import type { Work } from '../feed/unit-of-work.ts';
import { task } from '../jobs/task.ts';
import { presentUsers } from '../presence/leases.ts';
import { post } from '../rewards/ledger.ts';
import { count } from './counting.ts';
import { goalReached } from './entries.ts';
import { type GoalRow, goalColumns } from './goal.ts';

/** Told of an event when it has come further with a goal, or which goals are open. Must not throw. */
export type OnProgress = (eventId: string) => void;

/** People who get their points in one transaction. */
const atATime = 500;

/** Pays some of those who were present when a level was reached. */
export const levelPayment = task(
  'goal.pay',
  z.object({ goalId: z.uuid(), level: z.int(), userIds: z.array(z.uuid()).max(atATime) }),
);

/**
 * Counts an open goal anew, and states which levels it has reached. Does nothing for one that is not open any more. The goal's row is
 * held until the transaction ends: of many who count it one notices a level.
 */
export async function advanceGoal(work: Work, goalId: string, onProgress: OnProgress): Promise<void> {
  const { tx, afterCommit } = work;
  await tx.$queryRaw`SELECT 1 FROM "Goal" WHERE id = ${goalId}::uuid FOR NO KEY UPDATE`;
  const goal = await tx.goal.findFirst({ where: { id: goalId, status: 'OPEN' }, select: goalColumns });
  if (goal === null) return;
  const progress = await count(tx, goal);
  if (progress === Number(goal.progress)) return;
  afterCommit(() => onProgress(goal.eventId));
  const reached = await tx.$queryRaw<{ level: number }[]>`
    UPDATE "GoalLevel" SET "reachedAt" = clock_timestamp()
    WHERE "goalId" = ${goalId}::uuid AND target <= ${progress}::bigint AND "reachedAt" IS NULL RETURNING level`;
  const levels = new Set(reached.map(({ level }) => level));
  await stateReached(work, goal, levels);
  if (!levels.has(goal.levels.length)) return;
  await tx.$executeRaw`
    UPDATE "Goal" SET status = 'REACHED', "closedAt" = clock_timestamp(), "updatedAt" = clock_timestamp() WHERE id = ${goalId}::uuid`;
}

/** Who is present now is paid, whoever comes and goes until then. Two levels at once both pay. */
async function stateReached(work: Work, { id, eventId, title, levels }: GoalRow, reached: ReadonlySet<number>) {
  const { tx, append } = work;
  if (reached.size === 0) return;
  const userIds = await presentUsers(tx, eventId);
  for (const { level, target, points } of levels.filter((one) => reached.has(one.level))) {
    const told = { goalId: id, title, level, target, points };
    append(feeds.event(eventId), goalReached.draft(told, { subjectId: id }));
    if (points === 0) continue;
    for (let start = 0; start < userIds.length; start += atATime) {
      const some = userIds.slice(start, start + atATime);
      await levelPayment.schedule(tx, `${id}:${level}:${start}`, { inMs: 0 }, { goalId: id, level, userIds: some });
    }
  }
}

/** Whatever died meanwhile: the ledger takes each of these once. */
export async function payLevel(
  work: Work,
  { goalId, level, userIds }: { goalId: string; level: number; userIds: readonly string[] },
): Promise<void> {
  const { goal, points } = await work.tx.goalLevel.findUniqueOrThrow({
    where: { goalId_level: { goalId, level } },
    select: { points: true, goal: { select: { title: true, eventId: true, event: { select: { hostId: true } } } } },
  });
  const { title, eventId, event } = goal;
  await post(
    work,
    userIds.map((userId) => ({
      userId,
      hostId: event.hostId,
      eventId,
      kind: 'GOAL' as const,
      points,
      reason: title,
      source: `goal:${goalId}:${level}:${userId}`,
    })),
  );
}
