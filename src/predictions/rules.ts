import type { PredictionStatus } from '../generated/prisma/enums.ts';

/** Code points of a title and of an outcome's, outcomes of a prediction, seconds it takes stakes. Also CHECKs in the database. */
export const predictionLimits = {
  title: 120,
  outcomes: { least: 2, most: 10 },
  outcomeTitle: 80,
  seconds: { least: 15, most: 86_400 },
} as const;

/** Predictions of an event that are open at a time, at most: each of them stands in every pulse. */
export const mostOpenPredictions = 10;

/** Nobody's points are kept for ever: what is not resolved so long after it was locked is cancelled, in ms. */
export const resolvedWithinMs = 24 * 3600 * 1000;

/** From where it can be moved. Only what takes no stakes any more is resolved. */
export const predictionMoves = {
  lock: ['OPEN'],
  resolve: ['LOCKED'],
  cancel: ['OPEN', 'LOCKED'],
} as const satisfies Record<string, readonly PredictionStatus[]>;

/** Why a moderator may not say how it ended; null: they may. */
export const decidingRefused = ({ hasStaked }: { hasStaked: boolean }): string | null =>
  hasStaked ? 'Whoever has staked on a prediction leaves it to others to resolve or cancel it.' : null;
