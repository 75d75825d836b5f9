import { z } from 'zod';
import { idempotencyKey } from '../feed/idempotency.ts';
import { text } from '../input.ts';
import { pointsAtATime } from '../rewards/rules.ts';
import { predictionLimits } from './rules.ts';

const { outcomes, seconds } = predictionLimits;

export const newPrediction = z
  .object({
    eventId: z.uuid(),
    title: text(1, predictionLimits.title),
    outcomes: z
      .array(text(1, predictionLimits.outcomeTitle))
      .min(outcomes.least, { error: `must be at least ${outcomes.least}` })
      .max(outcomes.most, { error: `must be at most ${outcomes.most}` })
      .refine((titles) => new Set(titles).size === titles.length, { error: 'must not have the same outcome twice' }),
    durationSeconds: z
      .nullish(
        z
          .int()
          .min(seconds.least, { error: `must be at least ${seconds.least}` })
          .max(seconds.most, { error: `must be at most ${seconds.most}` }),
      )
      .transform((value) => value ?? null),
  })
  .and(idempotencyKey);
export type NewPrediction = z.input<typeof newPrediction>;

export const newStake = z
  .object({
    predictionId: z.uuid(),
    outcomeId: z.uuid(),
    points: z
      .int()
      .min(pointsAtATime.least, { error: `must be at least ${pointsAtATime.least}` })
      .max(pointsAtATime.most, { error: `must be at most ${pointsAtATime.most}` }),
  })
  .and(idempotencyKey);
export type NewStake = z.input<typeof newStake>;
