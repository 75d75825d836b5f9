import type { GoalMetric } from '../generated/prisma/enums.ts';

/** Code points of a title, levels of a goal, what a level asks for and gives. Also CHECKs in the database. */
export const goalLimits = {
  title: 120,
  levels: { least: 1, most: 5 },
  target: { least: 1, most: 1_000_000_000 },
  points: { least: 0, most: 10_000 },
} as const;

/** Goals of an event that are open at a time, at most: each is counted every second, and stands in every pulse. */
export const mostOpenGoals = 5;

/** Which engagements count towards a goal. */
export const engagementOf: Readonly<Record<GoalMetric, string>> = {
  REACTIONS: 'REACTION',
  MESSAGES: 'MESSAGE',
  VOTES: 'VOTE',
  QUESTIONS: 'QUESTION',
};

/** Each level asks for more than the one before it. */
export const isAscending = (targets: readonly number[]): boolean =>
  targets.every((target, place) => place === 0 || target > (targets[place - 1] ?? 0));
