import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { moderates } from '../events/access.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { lockEvent } from '../events/lock.ts';
import { isOpen } from '../events/rules.ts';
import { feeds } from '../feed/entry.ts';
import { once } from '../feed/idempotency.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import type { ModerationActionKind } from '../generated/prisma/enums.ts';
import { newId } from '../ids.ts';
import { parseInput } from '../input.ts';
import { recordAction } from '../moderation/audit.ts';
import { placeKept } from './access.ts';
import { cancelPredictions } from './cancelling.ts';
import { predictionOpened, predictionResolved } from './entries.ts';
import { PredictionStatusError } from './errors.ts';
import { type NewPrediction, newPrediction } from './input.ts';
import { isOverdue, lockPredictions, type OnStaked, timedLocking } from './locking.ts';
import { type PredictionRow, predictionColumns, snapshotOf } from './prediction.ts';
import { decidingRefused, mostOpenPredictions, predictionMoves } from './rules.ts';
import { settlement } from './settling.ts';
import { readTotals } from './totals.ts';

/** What moderators do with predictions. All throw NotFoundError, ForbiddenError. */
export interface Lifecycle {
  /** Participants may stake from now on. Throws EventNotOpenError, InvalidInputError (also when too many are open), IdempotencyConflictError. */
  create(viewer: Viewer, input: NewPrediction): Promise<{ predictionId: string }>;
  /** No more stakes. Throws PredictionStatusError. */
  lock(viewer: Viewer, predictionId: string): Promise<{ predictionId: string }>;
  /**
   * Says what came true: whoever staked on that shares the pot. Resolves once it is decided: the points follow in background work.
   * Throws PredictionStatusError unless it is locked; ForbiddenError also for who has staked.
   */
  resolve(viewer: Viewer, input: { predictionId: string; outcomeId: string }): Promise<{ predictionId: string }>;
  /** Everybody gets their stake back, in the same way. Throws PredictionStatusError; ForbiddenError also for who has staked. */
  cancel(viewer: Viewer, predictionId: string): Promise<{ predictionId: string }>;
}

export function createLifecycle({ write, onStaked }: { write: Write; onStaked: OnStaked }): Lifecycle {
  const moving = (
    kind: ModerationActionKind,
    move: (work: Work, prediction: PredictionRow, viewer: Viewer) => Promise<unknown>,
  ) => {
    return (viewer: Viewer, predictionId: string) =>
      write(async (work) => {
        const prediction = await placeKept(work.tx, viewer, predictionId);
        await move(work, prediction, viewer);
        const { eventId } = prediction;
        await recordAction(work.tx, { eventId, actorId: viewer.id, kind, predictionId });
        return { predictionId };
      });
  };
  return {
    create(viewer, raw) {
      const { idempotencyKey: key, ...input } = parseInput(newPrediction, raw);
      return write(async (work) => ({
        predictionId: await once(work.tx, { userId: viewer.id, key, operation: 'createPrediction', input }, () =>
          open(work, viewer, { ...input, onStaked }),
        ),
      }));
    },

    lock: moving('PREDICTION_LOCKED', async (work, { id }) => {
      const locked = await lockPredictions(work, [id], onStaked);
      if (locked.length === 0) throw new PredictionStatusError(await statusOf(work.tx, id));
    }),

    resolve: (viewer, { predictionId, outcomeId }) =>
      moving('PREDICTION_RESOLVED', (work, prediction) => resolve(work, { prediction, viewer, outcomeId, onStaked }))(
        viewer,
        predictionId,
      ),

    cancel: moving('PREDICTION_CANCELLED', async (work, { id }, viewer) => {
      await mayDecide(work.tx, viewer, id);
      const cancelled = await cancelPredictions(work, { ids: [id], from: predictionMoves.cancel }, onStaked);
      if (cancelled.length === 0) throw new PredictionStatusError(await statusOf(work.tx, id));
    }),
  };
}

type Opening = Omit<ReturnType<typeof newPrediction.parse>, 'idempotencyKey'> & { onStaked: OnStaked };

async function open(
  { tx, append, afterCommit }: Work,
  viewer: Viewer,
  { eventId, title, outcomes, durationSeconds, onStaked }: Opening,
): Promise<string> {
  const standing = await lockEvent(tx, viewer, eventId);
  if (!moderates(standing)) throw new ForbiddenError('Only the host and moderators make predictions.');
  if (!isOpen(standing.event.status)) throw new EventNotOpenError(standing.event.status);
  await refuseTooMany(tx, eventId);
  const predictionId = newId();
  await tx.$executeRaw`
    INSERT INTO "Prediction" (id, "eventId", title, "locksAt", "createdAt", "updatedAt")
    SELECT ${predictionId}::uuid, ${eventId}::uuid, ${title}, now + make_interval(secs => ${durationSeconds}::float8), now, now
    FROM (SELECT clock_timestamp() AS now) AS moment`;
  await tx.predictionOutcome.createMany({
    data: outcomes.map((title, position) => ({ id: newId(), predictionId, position, title })),
  });
  const opened = await tx.prediction.findUniqueOrThrow({ where: { id: predictionId }, select: predictionColumns });
  if (opened.locksAt !== null) {
    await timedLocking.schedule(tx, predictionId, { at: opened.locksAt }, { predictionId });
  }
  await recordAction(tx, { eventId, actorId: viewer.id, kind: 'PREDICTION_OPENED', predictionId });
  const told = { prediction: snapshotOf(opened) };
  append(feeds.event(eventId), predictionOpened.draft(told, { subjectId: predictionId }));
  afterCommit(() => onStaked(eventId));
  return predictionId;
}

/** The event's lock is held: nobody opens another one meanwhile. */
async function refuseTooMany(tx: Transaction, eventId: string): Promise<void> {
  if ((await tx.prediction.count({ where: { eventId, status: 'OPEN' } })) < mostOpenPredictions) return;
  const message = `${mostOpenPredictions} predictions of the event are open: lock one of them first`;
  throw new InvalidInputError([{ path: 'eventId', message }]);
}

interface Resolving {
  prediction: PredictionRow;
  viewer: Viewer;
  outcomeId: string;
  onStaked: OnStaked;
}

async function resolve(work: Work, { prediction, viewer, outcomeId, onStaked }: Resolving): Promise<void> {
  const { tx, append } = work;
  const { id: predictionId, eventId, outcomes } = prediction;
  await mayDecide(tx, viewer, predictionId);
  if (!outcomes.some(({ id }) => id === outcomeId)) throw new NotFoundError('Outcome');
  if (await isOverdue(tx, predictionId)) await lockPredictions(work, [predictionId], onStaked);
  const resolved = await tx.$executeRaw`
    UPDATE "Prediction" SET status = 'RESOLVED', "winnerId" = ${outcomeId}::uuid, "settledAt" = clock_timestamp(),
      "updatedAt" = clock_timestamp()
    WHERE id = ${predictionId}::uuid AND status::text = ANY(${[...predictionMoves.resolve]})`;
  if (resolved === 0) throw new PredictionStatusError(await statusOf(tx, predictionId));
  const settled = await tx.prediction.findUniqueOrThrow({ where: { id: predictionId }, select: predictionColumns });
  const totals = (await readTotals(tx, [predictionId])).get(predictionId);
  if (totals === undefined) throw new Error('a prediction has no outcomes');
  await settlement.schedule(tx, predictionId, { inMs: 0 }, { predictionId, after: null });
  const told = { prediction: snapshotOf(settled), totals };
  append(feeds.event(eventId), predictionResolved.draft(told, { subjectId: predictionId }));
}

async function mayDecide(tx: Transaction, viewer: Viewer, predictionId: string): Promise<void> {
  const staked = await tx.predictionStake.count({ where: { predictionId, userId: viewer.id } });
  const refusal = decidingRefused({ hasStaked: staked > 0 });
  if (refusal !== null) throw new ForbiddenError(refusal);
}

const statusOf = async (tx: Transaction, id: string) =>
  (await tx.prediction.findUniqueOrThrow({ where: { id }, select: { status: true } })).status;
