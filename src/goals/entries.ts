import { fact } from '../feed/entry.ts';
import type { GoalMetric, GoalStatus } from '../generated/prisma/enums.ts';

/** A goal as facts carry it. */
export type GoalSnapshot = {
  readonly goalId: string;
  readonly title: string;
  readonly metric: GoalMetric;
  readonly status: GoalStatus;
  /** Counted since the goal was set. */
  readonly progress: number;
  /** In their order: 1 first. */
  readonly levels: readonly { readonly level: number; readonly target: number; readonly points: number }[];
};

/** How far an event is with a goal. */
export type GoalProgress = { readonly goalId: string; readonly progress: number };

export const goalSet = fact<{ goal: GoalSnapshot }>()('GoalSet');

/** `points` are for everybody who was present: each is told in their own feed once they have them. */
export const goalReached = fact<{ goalId: string; title: string; level: number; target: number; points: number }>()(
  'GoalReached',
);

/** Nothing counts towards it any more: its status says why. One whose last level was reached is told by that. */
export const goalClosed = fact<{ goal: GoalSnapshot }>()('GoalClosed');
