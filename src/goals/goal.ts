import type { Prisma } from '../generated/prisma/client.ts';
import type { GoalSnapshot } from './entries.ts';

/** What a goal is, with its levels in their order. */
export const goalColumns = {
  id: true,
  eventId: true,
  title: true,
  metric: true,
  status: true,
  progress: true,
  levels: { select: { level: true, target: true, points: true }, orderBy: { level: 'asc' } },
} as const satisfies Prisma.GoalSelect;

export type GoalRow = Prisma.GoalGetPayload<{ select: typeof goalColumns }>;

export const snapshotOf = ({ id, title, metric, status, progress, levels }: GoalRow): GoalSnapshot => ({
  goalId: id,
  title,
  metric,
  status,
  progress: Number(progress),
  levels,
});
