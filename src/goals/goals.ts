import type { Viewer } from '../auth/viewer.ts';
import type { Db, Transaction } from '../db/client.ts';
import { InvalidInputError, NotFoundError } from '../errors.ts';
import { visibleTo } from '../events/access.ts';
import { EventNotOpenError } from '../events/errors.ts';
import type { EventHook } from '../events/lifecycle.ts';
import { lockOwn } from '../events/lock.ts';
import { isOpen } from '../events/rules.ts';
import { feeds } from '../feed/entry.ts';
import { once } from '../feed/idempotency.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import type { Goal, Prisma } from '../generated/prisma/client.ts';
import { newId } from '../ids.ts';
import { parseInput } from '../input.ts';
import type { Round } from '../jobs/jobs.ts';
import type { Duty } from '../jobs/task.ts';
import { movedGoals, reactionsBefore } from './counting.ts';
import { goalClosed, goalSet } from './entries.ts';
import { GoalStatusError } from './errors.ts';
import { goalColumns, snapshotOf } from './goal.ts';
import { type NewGoal, newGoal } from './input.ts';
import { advanceGoal, levelPayment, type OnProgress, payLevel } from './levels.ts';
import { mostOpenGoals } from './rules.ts';

export interface GoalsDeps {
  write: Write;
  db: Db;
  onProgress: OnProgress;
}

/** What a crowd is to do together, and what everybody who is there gets for it. */
export interface Goals {
  /**
   * Counts begin now. Throws NotFoundError, ForbiddenError (not the host), EventNotOpenError, InvalidInputError (also when too many are
   * open), IdempotencyConflictError.
   */
  create(viewer: Viewer, input: NewGoal): Promise<{ goalId: string }>;
  /** Levels that were reached stay reached, and paid. Throws NotFoundError, ForbiddenError (not the host), GoalStatusError. */
  cancel(viewer: Viewer, goalId: string): Promise<{ goalId: string }>;
  visible(viewer: Viewer | null): Prisma.GoalWhereInput;
  /** The goal, if the viewer may know of it. Throws NotFoundError. */
  get(viewer: Viewer | null, goalId: string, query: GoalQuery): Promise<Goal>;
  /** Counts every open goal that has come further. */
  readonly counting: Round;
  /** Pays for levels. */
  readonly duty: Duty;
  /** Counts an event's goals for the last time when it is over, and closes them. */
  readonly onOver: EventHook;
}

/** What of a goal's row and relations to load. */
export type GoalQuery = Pick<Prisma.GoalFindFirstArgs, 'select' | 'include'>;

const countEveryMs = 1000;

/** The goals a viewer may know of: those of events they see. */
const visibleGoals = (viewer: Viewer | null): Prisma.GoalWhereInput => ({ event: visibleTo(viewer) });

export function createGoals({ write, db, onProgress }: GoalsDeps): Goals {
  return {
    create(viewer, raw) {
      const { idempotencyKey: key, ...input } = parseInput(newGoal, raw);
      return write(async (work) => ({
        goalId: await once(work.tx, { userId: viewer.id, key, operation: 'createGoal', input }, () =>
          set(work, viewer, { ...input, onProgress }),
        ),
      }));
    },
    cancel: (viewer, goalId) =>
      write(async (work) => {
        const place = await work.tx.goal.findUnique({ where: { id: goalId }, select: { eventId: true } });
        if (place === null) throw new NotFoundError('Goal');
        await lockOwnGoal(work.tx, viewer, place.eventId);
        const closed = await closeGoals(work, { ids: [goalId], status: 'CANCELLED', onProgress });
        if (closed === 0) throw new GoalStatusError(await statusOf(work.tx, goalId));
        return { goalId };
      }),
    visible: visibleGoals,
    async get(viewer, goalId, query) {
      const goal = await db.goal.findFirst({ ...query, where: { AND: [{ id: goalId }, visibleGoals(viewer)] } });
      if (goal === null) throw new NotFoundError('Goal');
      return goal;
    },
    counting: {
      name: 'goals.count',
      everyMs: countEveryMs,
      async run() {
        const failures: unknown[] = [];
        // One that cannot be counted keeps no other from it.
        for (const id of await movedGoals(db)) {
          await write((work) => advanceGoal(work, id, onProgress)).catch((error: unknown) => failures.push(error));
        }
        if (failures.length > 0) throw failures[0];
      },
    },
    duty: levelPayment.doneBy(payLevel),
    async onOver(work, eventId) {
      const open = await work.tx.goal.findMany({ where: { eventId, status: 'OPEN' }, select: { id: true } });
      const ids = open.map(({ id }) => id);
      for (const id of ids) await advanceGoal(work, id, onProgress);
      await closeGoals(work, { ids, status: 'CLOSED', onProgress });
    },
  };
}

/** What the viewer may not know of has no goals either. */
async function lockOwnGoal(tx: Transaction, viewer: Viewer, eventId: string): Promise<void> {
  try {
    await lockOwn(tx, viewer, eventId);
  } catch (error) {
    throw error instanceof NotFoundError ? new NotFoundError('Goal') : error;
  }
}

type Setting = Omit<ReturnType<typeof newGoal.parse>, 'idempotencyKey'> & { onProgress: OnProgress };

async function set(
  { tx, append, afterCommit }: Work,
  viewer: Viewer,
  { eventId, title, metric, levels, onProgress }: Setting,
): Promise<string> {
  const { event } = await lockOwn(tx, viewer, eventId);
  if (!isOpen(event.status)) throw new EventNotOpenError(event.status);
  if ((await tx.goal.count({ where: { eventId, status: 'OPEN' } })) >= mostOpenGoals) {
    const message = `${mostOpenGoals} goals of the event are open: cancel one of them first`;
    throw new InvalidInputError([{ path: 'eventId', message }]);
  }
  const goalId = newId();
  await tx.$executeRaw`
    INSERT INTO "Goal" (id, "eventId", title, metric, "reactionsBefore", "countedUntil", "createdAt", "updatedAt")
    SELECT ${goalId}::uuid, ${eventId}::uuid, ${title}, ${metric}::"GoalMetric", ${await reactionsBefore(tx, eventId)}, now, now, now
    FROM (SELECT clock_timestamp() AS now) AS moment`;
  await tx.goalLevel.createMany({ data: levels.map((level, place) => ({ goalId, level: place + 1, ...level })) });
  const goal = await tx.goal.findUniqueOrThrow({ where: { id: goalId }, select: goalColumns });
  append(feeds.event(eventId), goalSet.draft({ goal: snapshotOf(goal) }, { subjectId: goalId }));
  afterCommit(() => onProgress(eventId));
  return goalId;
}

interface Closing {
  ids: readonly string[];
  status: 'CLOSED' | 'CANCELLED';
  onProgress: OnProgress;
}

/** Closes those that are open. Resolves with how many were. */
async function closeGoals({ tx, append, afterCommit }: Work, { ids, status, onProgress }: Closing): Promise<number> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    UPDATE "Goal" SET status = ${status}::"GoalStatus", "closedAt" = clock_timestamp(), "updatedAt" = clock_timestamp()
    WHERE id = ANY(${[...ids]}::uuid[]) AND status = 'OPEN' RETURNING id`;
  const goals = await tx.goal.findMany({
    where: { id: { in: rows.map(({ id }) => id) } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    select: goalColumns,
  });
  for (const goal of goals) {
    append(feeds.event(goal.eventId), goalClosed.draft({ goal: snapshotOf(goal) }, { subjectId: goal.id }));
    afterCommit(() => onProgress(goal.eventId));
  }
  return goals.length;
}

const statusOf = async (tx: Transaction, id: string) =>
  (await tx.goal.findUniqueOrThrow({ where: { id }, select: { status: true } })).status;
