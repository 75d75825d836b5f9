import { z } from 'zod';
import { InvalidInputError } from '../errors.ts';
import { parseInput } from '../input.ts';

/** Part of an event's time, in buckets of equal length; the last one may be shorter. */
export interface Stretch {
  readonly from: Date;
  /** Not part of it. */
  readonly to: Date;
  readonly bucketSeconds: number;
}

/** What is drawn has no use for more. */
const mostBuckets = 500;

const stretchInput = z.object({
  from: z.date().nullish(),
  to: z.date().nullish(),
  bucketSeconds: z.int().min(10, { error: 'must be at least 10' }).max(86_400, { error: 'must be at most 86400' }),
});
export type StretchInput = z.input<typeof stretchInput>;

/** The stretch somebody asks for; without bounds that of the whole show. Throws InvalidInputError. */
export function stretchOf(raw: StretchInput, show: { from: Date; to: Date }): Stretch {
  const input = parseInput(stretchInput, raw);
  const from = input.from ?? show.from;
  const to = input.to ?? show.to;
  const { bucketSeconds } = input;
  if (to < from) throw new InvalidInputError([{ path: 'to', message: 'must not be before `from`' }]);
  if (to.getTime() - from.getTime() > mostBuckets * bucketSeconds * 1000) {
    throw new InvalidInputError([{ path: 'bucketSeconds', message: `makes more than ${mostBuckets} buckets` }]);
  }
  return { from, to, bucketSeconds };
}
