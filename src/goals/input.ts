import { z } from 'zod';
import { idempotencyKey } from '../feed/idempotency.ts';
import { GoalMetric } from '../generated/prisma/enums.ts';
import { text } from '../input.ts';
import { goalLimits, isAscending } from './rules.ts';

const within = ({ least, most }: { least: number; most: number }) =>
  z
    .int()
    .min(least, { error: `must be at least ${least}` })
    .max(most, { error: `must be at most ${most}` });

const { least, most } = goalLimits.levels;

export const newGoal = z
  .object({
    eventId: z.uuid(),
    title: text(1, goalLimits.title),
    metric: z.enum(GoalMetric),
    levels: z
      .array(z.object({ target: within(goalLimits.target), points: within(goalLimits.points) }))
      .min(least, { error: `must be at least ${least}` })
      .max(most, { error: `must be at most ${most}` })
      .refine((levels) => isAscending(levels.map(({ target }) => target)), {
        error: 'must each have a higher target than the one before it',
      }),
  })
  .and(idempotencyKey);
export type NewGoal = z.input<typeof newGoal>;
