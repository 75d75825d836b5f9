import type { Prisma } from '../generated/prisma/client.ts';
import type { PredictionSnapshot } from './entries.ts';

/** What a prediction is, with its outcomes in their order. */
export const predictionColumns = {
  id: true,
  eventId: true,
  title: true,
  status: true,
  locksAt: true,
  lockedAt: true,
  settledAt: true,
  winnerId: true,
  outcomes: { select: { id: true, title: true }, orderBy: { position: 'asc' } },
} as const satisfies Prisma.PredictionSelect;

export type PredictionRow = Prisma.PredictionGetPayload<{ select: typeof predictionColumns }>;

export const snapshotOf = (prediction: PredictionRow): PredictionSnapshot => ({
  predictionId: prediction.id,
  title: prediction.title,
  status: prediction.status,
  outcomes: prediction.outcomes.map(({ id, title }) => ({ outcomeId: id, title })),
  locksAt: prediction.locksAt?.toISOString() ?? null,
  lockedAt: prediction.lockedAt?.toISOString() ?? null,
  settledAt: prediction.settledAt?.toISOString() ?? null,
  winningOutcomeId: prediction.winnerId,
});
