import { z } from 'zod';
import { deletedProfile } from '../accounts/profile.ts';
import { readToldProfile } from '../accounts/told-profile.ts';
import type { Viewer } from '../auth/viewer.ts';
import { messageFor, removeAsModerator } from '../chat/remove.ts';
import type { Transaction } from '../db/client.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { moderates } from '../events/access.ts';
import { feeds } from '../feed/entry.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { ReportResolution } from '../generated/prisma/enums.ts';
import { parseInput, text } from '../input.ts';
import { recordAction } from '../moderation/audit.ts';
import { longestReason } from '../moderation/rules.ts';
import { reportsResolved } from './entries.ts';
import { AlreadyResolvedError } from './errors.ts';

const resolveInput = z.object({
  resolution: z.enum(ReportResolution),
  reason: z.nullish(text(0, longestReason)).transform((value) => value ?? ''),
});
export type ResolveInput = z.input<typeof resolveInput> & { messageId: string };

/**
 * Decides about a reported message, for all reports there are; REMOVED removes it in the same transaction. Of moderators who decide at
 * once one does, the others get AlreadyResolvedError. Throws NotFoundError (also for a message nobody reported), ForbiddenError,
 * InvalidInputError.
 */
export function createResolve(write: Write) {
  return (viewer: Viewer, { messageId, ...raw }: ResolveInput): Promise<string> => {
    const { resolution, reason } = parseInput(resolveInput, raw);
    return write(async (work) => {
      const { tx, append } = work;
      const { message, standing } = await messageFor(tx, viewer, messageId);
      if (!moderates(standing)) throw new ForbiddenError('Only the host and moderators resolve reports.');
      // The message before its reports, as who reports it locks them.
      await tx.$queryRaw`SELECT 1 FROM "Message" WHERE id = ${messageId}::uuid FOR NO KEY UPDATE`;
      const resolved = await tx.$executeRaw`
        UPDATE "ReportedMessage" SET status = 'RESOLVED', resolution = ${resolution}::"ReportResolution",
          "resolutionReason" = ${reason}, "resolvedById" = ${viewer.id}::uuid, "resolvedAt" = clock_timestamp()
        WHERE "messageId" = ${messageId}::uuid AND status = 'OPEN'`;
      if (resolved === 0) throw await refusalOf(tx, messageId);

      const { eventId, authorId } = message;
      if (resolution === 'REMOVED') await removeAsModerator(work, viewer, { messageId, eventId, authorId });
      await recordAction(tx, {
        eventId,
        actorId: viewer.id,
        kind: 'REPORTS_RESOLVED',
        userId: authorId,
        messageId,
        reason,
      });
      const actor = (await readToldProfile(tx, viewer.id)) ?? deletedProfile(viewer.id);
      const about = { audience: 'moderators', actorId: viewer.id, subjectId: messageId } as const;
      append(feeds.event(eventId), reportsResolved.draft({ messageId, actor, resolution, reason }, about));
      return messageId;
    });
  };
}

/** Nobody reported it, or somebody was first. */
async function refusalOf(tx: Transaction, messageId: string): Promise<Error> {
  const reported = await tx.reportedMessage.findUnique({ where: { messageId }, select: { resolution: true } });
  return reported?.resolution == null ? new NotFoundError('Report') : new AlreadyResolvedError(reported.resolution);
}
