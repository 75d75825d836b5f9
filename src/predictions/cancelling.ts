import { feeds } from '../feed/entry.ts';
import type { Work } from '../feed/unit-of-work.ts';
import type { PredictionStatus } from '../generated/prisma/enums.ts';
import { predictionCancelled } from './entries.ts';
import { lockPredictions, type OnStaked } from './locking.ts';
import { predictionColumns, snapshotOf } from './prediction.ts';
import { predictionMoves } from './rules.ts';
import { settlement } from './settling.ts';

interface Which {
  readonly ids: readonly string[];
  readonly from: readonly PredictionStatus[];
}

/** Cancels those of the predictions that are in one of these statuses. Returns their ids. The stakes follow in background work. */
export async function cancelPredictions(
  { tx, append, afterCommit }: Work,
  { ids, from }: Which,
  onStaked: OnStaked,
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    UPDATE "Prediction" SET status = 'CANCELLED', "settledAt" = clock_timestamp(), "updatedAt" = clock_timestamp()
    WHERE id = ANY(${[...ids]}::uuid[]) AND status::text = ANY(${[...from]}) RETURNING id`;
  const cancelled = rows.map(({ id }) => id);
  const predictions = await tx.prediction.findMany({
    where: { id: { in: cancelled } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    select: predictionColumns,
  });
  for (const prediction of predictions) {
    const { id: predictionId, eventId } = prediction;
    await settlement.schedule(tx, predictionId, { inMs: 0 }, { predictionId, after: null });
    const told = { prediction: snapshotOf(prediction) };
    append(feeds.event(eventId), predictionCancelled.draft(told, { subjectId: predictionId }));
    afterCommit(() => onStaked(eventId));
  }
  return cancelled;
}

/**
 * The event is over, and its lock is the caller's: nothing is opened meanwhile. What ended may still be resolved; what will not take
 * place comes true in no way.
 */
export async function endPredictions(work: Work, eventId: string, onStaked: OnStaked): Promise<void> {
  const { tx } = work;
  const { status } = await tx.videoEvent.findUniqueOrThrow({ where: { id: eventId }, select: { status: true } });
  const pending = await tx.prediction.findMany({
    where: { eventId, status: { in: [...predictionMoves.cancel] } },
    select: { id: true },
  });
  const ids = pending.map(({ id }) => id);
  if (status === 'CANCELLED') await cancelPredictions(work, { ids, from: predictionMoves.cancel }, onStaked);
  else await lockPredictions(work, ids, onStaked);
}
