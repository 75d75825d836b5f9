import { fact } from '../feed/entry.ts';
import type { PredictionStatus } from '../generated/prisma/enums.ts';

/** A prediction as facts carry it. Instants are RFC 3339. */
export type PredictionSnapshot = {
  readonly predictionId: string;
  readonly title: string;
  readonly status: PredictionStatus;
  /** In the order in which they are shown. */
  readonly outcomes: readonly { readonly outcomeId: string; readonly title: string }[];
  readonly locksAt: string | null;
  readonly lockedAt: string | null;
  readonly settledAt: string | null;
  /** Null: not resolved. */
  readonly winningOutcomeId: string | null;
};

/** How many staked how much on what. */
export type PredictionTotals = {
  readonly predictionId: string;
  /** All points that were staked. */
  readonly pot: number;
  readonly stakers: number;
  readonly outcomes: readonly { readonly outcomeId: string; readonly points: number; readonly stakers: number }[];
};

export const predictionOpened = fact<{ prediction: PredictionSnapshot }>()('PredictionOpened');

/** The totals are final: they were counted when no more stakes were taken. */
export const predictionLocked = fact<{ prediction: PredictionSnapshot; totals: PredictionTotals }>()(
  'PredictionLocked',
);

/** Who won how much is told to each alone, once it is in their wallet. */
export const predictionResolved = fact<{ prediction: PredictionSnapshot; totals: PredictionTotals }>()(
  'PredictionResolved',
);

/** Everybody gets their stake back. */
export const predictionCancelled = fact<{ prediction: PredictionSnapshot }>()('PredictionCancelled');
