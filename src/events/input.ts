import { z } from 'zod';
import { emojiIn } from '../emoji.ts';
import { EventStatus, EventVisibility } from '../generated/prisma/enums.ts';
import { httpsUrl, text } from '../input.ts';

/** A show is planned within these: what lies outside is a slip of the keyboard. */
const scheduledAt = z
  .date({ error: 'must be an instant' })
  .min(new Date('2000-01-01T00:00:00Z'), { error: 'must not be before the year 2000' })
  .max(new Date('2100-01-01T00:00:00Z'), { error: 'must be before the year 2100' });

const capacity = z
  .number()
  .int()
  .min(1, { error: 'must be at least 1' })
  .max(1_000_000, { error: 'must be at most 1000000' });

/** Seconds. Also a CHECK in the database. */
export const slowModeSeconds = z
  .number()
  .int()
  .min(0, { error: 'must not be negative' })
  .max(120, { error: 'must be at most 120' });

const emoji = z.string().transform((text, { addIssue }) => {
  const found = emojiIn(text);
  if (found === null) addIssue('must be one emoji');
  return found ?? '';
});

/** Cardinality: also a CHECK in the database. */
const allowedReactions = z
  .array(emoji)
  .min(1, { error: 'must name at least one emoji' })
  .max(20, { error: 'must name at most 20 emoji' })
  .refine((all) => new Set(all).size === all.length, { error: 'must not name an emoji twice' });

const visibility = z.enum(EventVisibility);
const title = text(1, 200);
const description = text(0, 5000, { lines: true });

/** `null` from a client who spells out "nothing" for a field that always has a value counts as not given. */
export const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.nullish(schema).transform((value) => value ?? undefined);

export const newEvent = z.object({
  title,
  description: z.nullish(description).transform((value) => value ?? ''),
  streamUrl: z.nullish(httpsUrl).transform((value) => value ?? null),
  coverImageUrl: z.nullish(httpsUrl).transform((value) => value ?? null),
  scheduledAt,
  capacity: z.nullish(capacity).transform((value) => value ?? null),
  visibility: z.nullish(visibility).transform((value) => value ?? EventVisibility.PUBLIC),
  slowModeSeconds: z.nullish(slowModeSeconds).transform((value) => value ?? 0),
  questionsPreModerated: z.nullish(z.boolean()).transform((value) => value ?? false),
  /** The database has a default. */
  allowedReactions: optional(allowedReactions),
});
export type NewEvent = z.input<typeof newEvent>;

/** Absent: stays as it is. `null` empties what can be empty. */
export const eventChanges = z.object({
  title: optional(title),
  description: z.nullish(description).transform((value) => (value === null ? '' : value)),
  streamUrl: z.nullish(httpsUrl),
  coverImageUrl: z.nullish(httpsUrl),
  scheduledAt: optional(scheduledAt),
  capacity: z.nullish(capacity),
  visibility: optional(visibility),
  slowModeSeconds: optional(slowModeSeconds),
  questionsPreModerated: optional(z.boolean()),
  allowedReactions: optional(allowedReactions),
});
export type EventChanges = z.input<typeof eventChanges>;

/** Users named in one call. */
export const userList = z.object({
  userIds: z
    .array(z.string())
    .min(1, { error: 'must name at least one user' })
    .max(100, { error: 'must name at most 100 users' })
    .transform((ids) => [...new Set(ids)]),
});

export const eventFilter = z.object({
  statuses: z.nullish(z.array(z.enum(EventStatus)).max(Object.keys(EventStatus).length)),
  from: z.nullish(scheduledAt),
  to: z.nullish(scheduledAt),
  hostId: z.nullish(z.string()),
  text: z.nullish(text(0, 100)),
  mine: z.nullish(z.boolean()),
});
export type EventFilter = z.input<typeof eventFilter>;
