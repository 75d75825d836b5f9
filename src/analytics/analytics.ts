import { z } from 'zod';
import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { databaseNow } from '../db/clock.ts';
import { runs, standingIn } from '../events/access.ts';
import { parseInput } from '../input.ts';
import {
  type Attended,
  type EngagementBucket,
  type RetentionBucket,
  readAttended,
  readEngagements,
  readRetention,
  readTopParticipants,
  readViewers,
  type TopParticipant,
  type ViewerBucket,
} from './queries.ts';
import { type Stretch, type StretchInput, stretchOf } from './stretch.ts';

/** What came of a show. Each part is read when it is asked for. */
export interface EventAnalytics extends Stretch {
  readonly eventId: string;
  viewers(): Promise<ViewerBucket[]>;
  engagements(): Promise<EngagementBucket[]>;
  retention(): Promise<RetentionBucket[]>;
  /** Read once, however many of its figures are asked for. */
  attended(): Promise<Attended>;
  /** Throws InvalidInputError for less than 1 or more than 100. */
  topParticipants(first: number): Promise<TopParticipant[]>;
}

export interface Analytics {
  /** For the event's host and admins; null for others, and where there is no event. Throws InvalidInputError. */
  of(viewer: Viewer | null, eventId: string, input: StretchInput): Promise<EventAnalytics | null>;
}

const topInput = z.object({
  first: z.int().min(1, { error: 'must be at least 1' }).max(100, { error: 'must be at most 100' }),
});

export function createAnalytics({ db }: { db: Db }): Analytics {
  return {
    async of(viewer, eventId, input) {
      const standing = await standingIn(db, viewer, eventId);
      if (standing === null || !runs(standing)) return null;
      const { startedAt, scheduledAt, endedAt } = await db.videoEvent.findUniqueOrThrow({ where: { id: eventId } });
      const now = await databaseNow(db);
      const from = startedAt ?? new Date(Math.min(scheduledAt.getTime(), now.getTime()));
      const stretch = stretchOf(input, { from, to: endedAt ?? now });
      let attended: Promise<Attended> | undefined;
      return {
        eventId,
        ...stretch,
        viewers: () => readViewers(db, eventId, stretch),
        engagements: () => readEngagements(db, eventId, stretch),
        retention: () => readRetention(db, eventId, stretch),
        attended() {
          attended ??= readAttended(db, eventId, stretch);
          return attended;
        },
        async topParticipants(most) {
          const { first } = parseInput(topInput, { first: most });
          return readTopParticipants(db, eventId, { ...stretch, first });
        },
      };
    },
  };
}
