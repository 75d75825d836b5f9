import { z } from 'zod';
import { idempotencyKey } from '../feed/idempotency.ts';
import { PollResults } from '../generated/prisma/enums.ts';
import { text } from '../input.ts';
import { pollLimits } from './rules.ts';

const title = text(1, pollLimits.title);
const { least, most } = pollLimits.choices;
const choices = z
  .array(text(1, pollLimits.choiceText))
  .min(least, { error: `must be at least ${least}` })
  .max(most, { error: `must be at most ${most}` })
  .refine((texts) => new Set(texts).size === texts.length, { error: 'must not have the same choice twice' });

const { seconds } = pollLimits;
const durationSeconds = z
  .number()
  .int()
  .min(seconds.least, { error: `must be at least ${seconds.least}` })
  .max(seconds.most, { error: `must be at most ${seconds.most}` });

const maxChoices = z
  .number()
  .int()
  .min(1, { error: 'must be at least 1' })
  .max(most, { error: `must be at most ${most}` });

const results = z.enum(PollResults);

/** `null` from a client who spells out "nothing" for a field that always has a value counts as not given. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.nullish(schema).transform((value) => value ?? undefined);

export const newPoll = z
  .object({
    title,
    choices,
    durationSeconds: z.nullish(durationSeconds).transform((value) => value ?? null),
    maxChoices: z.nullish(maxChoices).transform((value) => value ?? 1),
    changeable: z.nullish(z.boolean()).transform((value) => value ?? false),
    results: z.nullish(results).transform((value) => value ?? PollResults.ALWAYS),
  })
  .and(idempotencyKey);
export type NewPoll = z.input<typeof newPoll>;

/** Absent: stays as it is. `durationSeconds` null: open until it is closed. */
export const pollChanges = z.object({
  title: optional(title),
  choices: optional(choices),
  durationSeconds: z.nullish(durationSeconds),
  maxChoices: optional(maxChoices),
  changeable: optional(z.boolean()),
  results: optional(results),
});
export type PollChanges = z.input<typeof pollChanges>;

export const newVote = z
  .object({
    pollId: z.uuid(),
    choiceIds: z
      .array(z.uuid())
      .min(1, { error: 'must name at least one choice' })
      .max(most, { error: `must name at most ${most} choices` })
      .refine((ids) => new Set(ids).size === ids.length, { error: 'must not name a choice twice' }),
  })
  .and(idempotencyKey);
export type NewVote = z.input<typeof newVote>;
