import { fact } from '../feed/entry.ts';
import type { RewardKind } from '../generated/prisma/enums.ts';

/** In the user's own feed. `points` is signed; `balance` is the wallet's once everything that was committed with it counts. */
export const pointsChanged = fact<{
  rewardId: string;
  hostId: string;
  eventId: string;
  kind: RewardKind;
  points: number;
  reason: string | null;
  balance: number;
}>()('PointsChanged');
