import { z } from 'zod';
import type { Audience, Entry } from './entry.ts';
import type { Committed } from './unit-of-work.ts';

/** A message longer than this only rings: who hears it reads the log. In UTF-16 units. */
const longest = 256 * 1024;

const json = z.record(z.string(), z.json());
const audience = z.custom<Audience>(
  (value) => typeof value === 'string' && /^(everyone|moderators|user:.+)$/.test(value),
);

const entry: z.ZodType<Entry> = z.object({
  feed: z.string(),
  sequence: z.number().int().positive(),
  kind: z.string(),
  audience,
  actorId: z.string().nullable(),
  subjectId: z.string().nullable(),
  payload: json,
  occurredAt: z.number(),
  streamOffset: z.number().nullable(),
  redacts: z.object({ actorId: z.string(), subjectId: z.string().optional(), patch: json }).nullable(),
});
const message = z.object({ feed: z.string(), epoch: z.string(), entries: z.array(entry) });

/** What the broker carries for a commit. */
export function committedMessage(committed: Committed): string {
  const text = JSON.stringify(committed);
  return text.length <= longest ? text : '';
}

/** Null: a bare ring, or something this version does not understand; the log tells. */
export function readCommitted(text: string): Committed | null {
  if (text === '') return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = message.safeParse(value);
  return parsed.success ? parsed.data : null;
}
