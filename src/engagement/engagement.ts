import { z } from 'zod';
import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { runs, standingIn } from '../events/access.ts';
import { Batch } from '../feed/batch.ts';
import { createGroupCommit } from '../feed/group-commit.ts';
import { idempotencyKey } from '../feed/idempotency.ts';
import type { Write } from '../feed/unit-of-work.ts';
import type { EngagementLog, Prisma } from '../generated/prisma/client.ts';
import { newId } from '../ids.ts';
import { parseInput } from '../input.ts';
import { visibleEngagements } from '../participation/access.ts';
import type { OnEngaged } from '../participation/engaged.ts';
import { type ExportedEngagement, engagementPages } from './export.ts';
import type { EngagementFilter } from './filter.ts';
import { type Logging, logTogether } from './log-together.ts';
import { customType, payloadIssue } from './rules.ts';

const logInput = z
  .object({
    eventId: z.uuid(),
    engagementType: z.string().regex(customType, {
      error: 'must have 1 to 50 characters: a lower-case letter, then lower-case letters, digits, _, . and -',
    }),
    payload: z.nullish(z.custom<object>()).superRefine((payload, { addIssue }) => {
      const issue = payload == null ? null : payloadIssue(payload);
      if (issue !== null) addIssue({ code: 'custom', message: issue });
    }),
  })
  .and(idempotencyKey);
export type LogEngagementInput = z.input<typeof logInput>;

type EngagementQuery = Pick<Prisma.EngagementLogFindFirstArgs, 'select' | 'include'>;

/** What participants did, and what clients' software says they did. */
export interface Engagement {
  /**
   * Writes an engagement of a client's own type down; nobody who follows the event is told. Resolves with its id. Throws
   * NotFoundError, EventNotOpenError, NotParticipantError, SanctionedError, InvalidInputError, IdempotencyConflictError;
   * UnavailableError when too many wait.
   */
  log(viewer: Viewer, input: LogEngagementInput): Promise<string>;
  /** An engagement the viewer may know of. */
  find(viewer: Viewer | null, engagementId: string, query: EngagementQuery): Promise<EngagementLog | null>;
  /**
   * All of an event, as `engagementPages`. For its host and admins. Throws NotFoundError where the viewer may not know of the event,
   * ForbiddenError, InvalidInputError.
   */
  export(
    viewer: Viewer,
    eventId: string,
    filter: EngagementFilter,
  ): Promise<AsyncGenerator<readonly ExportedEngagement[], undefined>>;
}

export function createEngagement({ write, db, onEngaged }: { write: Write; db: Db; onEngaged: OnEngaged }): Engagement {
  const submit = createGroupCommit<Logging, string>({
    commit: (eventId, loggings) =>
      write(async (work) => {
        const batch = new Batch(loggings);
        await logTogether(work, eventId, { batch, onEngaged });
        return batch.verdicts();
      }),
  });
  return {
    async log(viewer, raw) {
      const { eventId, engagementType, payload, idempotencyKey: key } = parseInput(logInput, raw);
      return submit(eventId, { viewer, eventId, engagementType, payload: payload ?? null, key, engagementId: newId() });
    },
    find: (viewer, id, query) =>
      db.engagementLog.findFirst({ ...query, where: { AND: [{ id }, visibleEngagements(viewer)] } }),
    async export(viewer, eventId, filter) {
      const standing = await standingIn(db, viewer, eventId);
      if (standing === null) throw new NotFoundError('Event');
      if (!runs(standing)) throw new ForbiddenError('Only the host may do this.');
      return engagementPages(db, eventId, filter);
    },
  };
}
