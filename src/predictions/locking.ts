import { z } from 'zod';
import type { Transaction } from '../db/client.ts';
import { feeds } from '../feed/entry.ts';
import type { Work } from '../feed/unit-of-work.ts';
import { task } from '../jobs/task.ts';
import { predictionLocked } from './entries.ts';
import { predictionColumns, snapshotOf } from './prediction.ts';
import { resolvedWithinMs } from './rules.ts';
import { readTotals } from './totals.ts';

/** Told of an event when the totals of its open predictions have changed, or which predictions are open. Must not throw. */
export type OnStaked = (eventId: string) => void;

const about = z.object({ predictionId: z.uuid() });

/** Locks a prediction when its time is over: whichever instance comes first, whatever became of the one that opened it. */
export const timedLocking = task('prediction.lock', about);

/** Cancels a prediction that nobody has resolved. */
export const expiry = task('prediction.expire', about);

/**
 * Locks those of the predictions that are open, each with the fact that has its final totals. Returns their ids. Whoever locks a
 * prediction waits for the stakes that hold it, and whoever stakes later finds it locked: the totals hold every stake there will be.
 */
export async function lockPredictions(
  { tx, append, afterCommit }: Work,
  predictionIds: readonly string[],
  onStaked: OnStaked,
): Promise<string[]> {
  const locked = await tx.$queryRaw<{ id: string }[]>`
    UPDATE "Prediction" SET status = 'LOCKED', "lockedAt" = clock_timestamp(), "updatedAt" = clock_timestamp()
    WHERE id = ANY(${[...predictionIds]}::uuid[]) AND status = 'OPEN' RETURNING id`;
  const ids = locked.map(({ id }) => id);
  const predictions = await tx.prediction.findMany({
    where: { id: { in: ids } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    select: predictionColumns,
  });
  // Not before: the statement that locked them has waited for the last stakes, and only a later one sees these.
  const totals = await readTotals(tx, ids);
  for (const prediction of predictions) {
    const { id: predictionId, eventId } = prediction;
    const own = totals.get(predictionId);
    if (own === undefined) throw new Error('a prediction has no outcomes');
    await expiry.schedule(tx, predictionId, { inMs: resolvedWithinMs }, { predictionId });
    const told = { prediction: snapshotOf(prediction), totals: own };
    append(feeds.event(eventId), predictionLocked.draft(told, { subjectId: predictionId }));
  }
  for (const eventId of new Set(predictions.map((prediction) => prediction.eventId))) {
    afterCommit(() => onStaked(eventId));
  }
  return ids;
}

/** Whether its time is over, though nobody has locked it by now. */
export async function isOverdue(tx: Transaction, predictionId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM "Prediction" WHERE id = ${predictionId}::uuid AND status = 'OPEN' AND "locksAt" <= clock_timestamp()`;
  return rows.length > 0;
}
