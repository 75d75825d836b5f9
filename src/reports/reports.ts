import { z } from 'zod';
import { readToldProfile } from '../accounts/told-profile.ts';
import type { Viewer } from '../auth/viewer.ts';
import { messageFor } from '../chat/remove.ts';
import type { Db } from '../db/client.ts';
import { ForbiddenError, NotFoundError, UnauthenticatedError } from '../errors.ts';
import { moderatedBy } from '../events/access.ts';
import { feeds } from '../feed/entry.ts';
import { idempotencyKey, once } from '../feed/idempotency.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import type { Prisma, ReportedMessage } from '../generated/prisma/client.ts';
import { newId } from '../ids.ts';
import { parseInput, text } from '../input.ts';
import { longestReason } from '../moderation/rules.ts';
import { takingPartRefused } from '../participation/taking-part.ts';
import { messageReported } from './entries.ts';
import { createResolve } from './resolve.ts';

const reportInput = z.object({ reason: text(1, longestReason) }).and(idempotencyKey);
export type ReportInput = z.input<typeof reportInput> & { messageId: string };

type ReportedQuery = Pick<Prisma.ReportedMessageFindFirstArgs, 'select' | 'include'>;

export type Reports = ReturnType<typeof createReports>;

/** What participants hold against messages, and what moderators decide about it. */
export function createReports({ db, write }: { db: Db; write: Write }) {
  return {
    /**
     * Puts a message in the moderators' queue. Everybody reports a message once; again changes nothing. Somebody's first report of a
     * message that moderators had left as it is opens it again. Throws NotFoundError (also for a removed one), NotParticipantError,
     * SanctionedError, ForbiddenError for the author, InvalidInputError, IdempotencyConflictError.
     */
    report(viewer: Viewer, { messageId, ...raw }: ReportInput): Promise<string> {
      const { reason, idempotencyKey: key } = parseInput(reportInput, raw);
      const request = { userId: viewer.id, key, operation: 'reportMessage', input: { messageId, reason } };
      return write((work) => once(work.tx, request, () => report(work, viewer, { messageId, reason })));
    },
    resolve: createResolve(write),
    /** A reported message for who moderates its event. Throws NotFoundError. */
    async find(viewer: Viewer, messageId: string, query: ReportedQuery): Promise<ReportedMessage> {
      const where = { messageId, event: moderatedBy(viewer) };
      const reported = await db.reportedMessage.findFirst({ ...query, where });
      if (reported === null) throw new NotFoundError('Report');
      return reported;
    },
  };
}

async function report(
  { tx, append }: Work,
  viewer: Viewer,
  { messageId, reason }: { messageId: string; reason: string },
): Promise<string> {
  const { message, standing } = await messageFor(tx, viewer, messageId);
  const refusal = takingPartRefused(standing, () => true);
  if (refusal !== null) throw refusal;
  if (message.authorId === viewer.id) throw new ForbiddenError('Nobody reports their own messages.');
  // Held until the commit: a removal comes after the report, or before it and prevents it.
  const present = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM "Message" WHERE id = ${messageId}::uuid AND "removedAt" IS NULL FOR SHARE`;
  if (present.length === 0) throw new NotFoundError('Message');
  const actor = await readToldProfile(tx, viewer.id);
  if (actor === null) throw new UnauthenticatedError();
  const { eventId } = message;
  // One statement: the report counts if it is this person's first, and its key to the queue's row is checked at the end.
  const [reported] = await tx.$queryRaw<{ reportCount: number }[]>`
    WITH report AS (
      INSERT INTO "MessageReport" (id, "messageId", "reporterId", reason, "createdAt")
      VALUES (${newId()}::uuid, ${messageId}::uuid, ${viewer.id}::uuid, ${reason}, clock_timestamp())
      ON CONFLICT ("messageId", "reporterId") DO NOTHING RETURNING "createdAt"
    )
    INSERT INTO "ReportedMessage" AS r ("messageId", "eventId", "reportCount", "firstReportedAt")
    SELECT ${messageId}::uuid, ${eventId}::uuid, 1, "createdAt" FROM report
    ON CONFLICT ("messageId") DO UPDATE SET "reportCount" = r."reportCount" + 1, status = 'OPEN', resolution = NULL,
      "resolutionReason" = NULL, "resolvedById" = NULL, "resolvedAt" = NULL
    RETURNING "reportCount"`;
  if (reported !== undefined) {
    const about = { audience: 'moderators', actorId: viewer.id, subjectId: messageId } as const;
    append(feeds.event(eventId), messageReported.draft({ messageId, actor, reason, ...reported }, about));
  }
  return messageId;
}
