import type { Db, Transaction } from '../db/client.ts';
import { createGroupCommit } from '../feed/group-commit.ts';
import type { PredictionTotals } from './entries.ts';

interface TotalRow {
  predictionId: string;
  outcomeId: string;
  points: number;
  stakers: number;
}

/** Adds up the stakes of these predictions, in one statement: a prediction's numbers are of one moment. */
export async function readTotals(
  db: Db | Transaction,
  predictionIds: readonly string[],
): Promise<ReadonlyMap<string, PredictionTotals>> {
  if (predictionIds.length === 0) return new Map();
  const rows = await db.$queryRaw<TotalRow[]>`
    SELECT o."predictionId", o.id AS "outcomeId", COALESCE(sum(s.points), 0)::float8 AS points, count(s."userId")::int AS stakers
    FROM "PredictionOutcome" o
    LEFT JOIN "PredictionStake" s ON s."predictionId" = o."predictionId" AND s."outcomeId" = o.id
    WHERE o."predictionId" = ANY(${[...predictionIds]}::uuid[])
    GROUP BY o."predictionId", o.position, o.id ORDER BY o."predictionId", o.position`;
  const totals = new Map<string, PredictionTotals>();
  for (const { predictionId, ...outcome } of rows) {
    const before = totals.get(predictionId) ?? nothingStaked(predictionId);
    totals.set(predictionId, {
      predictionId,
      pot: before.pot + outcome.points,
      stakers: before.stakers + outcome.stakers,
      outcomes: [...before.outcomes, outcome],
    });
  }
  return totals;
}

const nothingStaked = (predictionId: string): PredictionTotals => ({ predictionId, pot: 0, stakers: 0, outcomes: [] });

/** The totals of each event's open predictions, in the order of their opening. */
export async function readOpenTotals(
  db: Db,
  eventIds: readonly string[],
): Promise<ReadonlyMap<string, readonly PredictionTotals[]>> {
  const predictions = await db.prediction.findMany({
    where: { eventId: { in: [...eventIds] }, status: 'OPEN' },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    select: { id: true, eventId: true },
  });
  const totals = await readTotals(
    db,
    predictions.map(({ id }) => id),
  );
  const told = new Map<string, PredictionTotals[]>();
  for (const { id, eventId } of predictions) {
    const own = totals.get(id);
    if (own !== undefined) told.set(eventId, [...(told.get(eventId) ?? []), own]);
  }
  return told;
}

/** Reads one prediction's totals by a sum that begins after it was asked for: many who ask at once share a few. */
export function createTotalsReader(db: Db): (predictionId: string) => Promise<PredictionTotals> {
  const read = createGroupCommit<string, PredictionTotals>({
    async commit(_all, predictionIds) {
      const totals = await readTotals(db, [...new Set(predictionIds)]);
      return predictionIds.map((id) => ({ value: totals.get(id) ?? nothingStaked(id) }));
    },
    largest: 256,
    // Each belongs to an operation that was let in: those have their bounds.
    waiting: Number.POSITIVE_INFINITY,
  });
  return (predictionId) => read('', predictionId);
}
