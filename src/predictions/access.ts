import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { moderates, type Standing, standingIn, visibleTo } from '../events/access.ts';
import { lockRow } from '../events/lock.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { type PredictionRow, predictionColumns } from './prediction.ts';

/** The predictions a viewer may know of: those of events they see. */
export const visiblePredictions = (viewer: Viewer | null): Prisma.PredictionWhereInput => ({
  event: visibleTo(viewer),
});

/** A prediction, and how somebody stands to its event. */
export interface Placed {
  readonly prediction: PredictionRow;
  readonly standing: Standing;
}

/**
 * The prediction, with its event locked: nothing else moves either of them meanwhile but a locking by time. Throws NotFoundError where
 * the viewer may not know of it.
 */
export async function placePrediction(tx: Transaction, viewer: Viewer, predictionId: string): Promise<Placed> {
  const place = await tx.prediction.findUnique({ where: { id: predictionId }, select: { eventId: true } });
  if (place === null) throw new NotFoundError('Prediction');
  await lockRow(tx, place.eventId);
  const standing = await standingIn(tx, viewer, place.eventId);
  const prediction = await tx.prediction.findUnique({ where: { id: predictionId }, select: predictionColumns });
  if (standing === null || prediction === null) throw new NotFoundError('Prediction');
  return { prediction, standing };
}

/** The same for a write that only moderators may do. Throws ForbiddenError for others who may know of it. */
export async function placeKept(tx: Transaction, viewer: Viewer, predictionId: string): Promise<PredictionRow> {
  const { prediction, standing } = await placePrediction(tx, viewer, predictionId);
  if (!moderates(standing)) throw new ForbiddenError('Only the host and moderators do this with predictions.');
  return prediction;
}
