import { z } from 'zod';
import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { feeds } from '../feed/entry.ts';
import { type PastPage, readPast } from '../feed/past.ts';
import { parseInput } from '../input.ts';
import { audiencesOf, followingRefused, standingIn } from './access.ts';

/** Items on a page. */
export const replayPage = { most: 500, default: 100 } as const;

const first = z
  .int()
  .min(1, { error: 'must be at least 1' })
  .max(replayPage.most, { error: `must be at most ${replayPage.most}` });
const offset = z.nullish(z.int().min(0, { error: 'must not be negative' })).transform((value) => value ?? null);

const replayInput = z
  .object({
    first: z.nullish(first).transform((value) => value ?? replayPage.default),
    after: z.nullish(z.string()).transform((value) => value ?? null),
    fromStreamOffset: offset,
    toStreamOffset: offset,
  })
  .refine(({ fromStreamOffset: from, toStreamOffset: to }) => from === null || to === null || from <= to, {
    path: ['toStreamOffset'],
    error: 'must not be before `fromStreamOffset`',
  });

export interface ReplayRequest extends z.input<typeof replayInput> {
  eventId: string;
  /** Only these kinds of facts. Null: all. */
  kinds: ReadonlySet<string> | null;
}

/**
 * A page of what whoever follows the event was told, as they would be told it now. Null for those who may not follow. Throws
 * InvalidInputError, and as `readPast`.
 */
export type ReplayEvent = (viewer: Viewer | null, request: ReplayRequest) => Promise<PastPage | null>;

export function createReplay({ db }: { db: Db }): ReplayEvent {
  return async (viewer, { eventId, kinds, ...input }) => {
    const { first, after, fromStreamOffset, toStreamOffset } = parseInput(replayInput, input);
    const standing = await standingIn(db, viewer, eventId);
    if (standing === null || followingRefused(standing) !== null) return null;
    return readPast(db, feeds.event(eventId), {
      after,
      fromOffset: fromStreamOffset,
      toOffset: toStreamOffset,
      audiences: audiencesOf(standing),
      kinds,
      limit: first,
    });
  };
}
