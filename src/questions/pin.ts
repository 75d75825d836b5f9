import type { Viewer } from '../auth/viewer.ts';
import { ForbiddenError } from '../errors.ts';
import { moderates } from '../events/access.ts';
import { lockEvent } from '../events/lock.ts';
import { feeds } from '../feed/entry.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { recordAction } from '../moderation/audit.ts';
import { questionDraft, questionPinned, questionUnpinned } from './entries.ts';
import { QuestionStatusError } from './errors.ts';
import { lockModerated, record } from './moderate.ts';
import { isPublic } from './rules.ts';

/**
 * Pins a public question in place of the one pinned before; the pinned one stays so. Throws NotFoundError, ForbiddenError,
 * QuestionStatusError.
 */
export function createPin(write: Write) {
  return (viewer: Viewer, questionId: string): Promise<{ eventId: string }> =>
    write(async (work) => {
      const question = await lockModerated(work, viewer, questionId);
      if (!isPublic(question.status)) throw new QuestionStatusError(question.status);
      const { eventId } = question;
      const pinned = await work.tx.$executeRaw`
        UPDATE "VideoEvent" SET "pinnedQuestionId" = ${questionId}::uuid
        WHERE id = ${eventId}::uuid AND "pinnedQuestionId" IS DISTINCT FROM ${questionId}::uuid`;
      if (pinned === 0) return { eventId };
      await record(work, viewer, { question, kind: 'QUESTION_PINNED' });
      work.append(feeds.event(eventId), await questionDraft(work.tx, questionPinned, questionId));
      return { eventId };
    });
}

/** Takes off the event's pinned question; without one, nothing changes. Throws NotFoundError, ForbiddenError. */
export function createUnpin(write: Write) {
  return (viewer: Viewer, eventId: string): Promise<{ eventId: string }> =>
    write(async ({ tx, append }) => {
      const standing = await lockEvent(tx, viewer, eventId);
      if (!moderates(standing)) throw new ForbiddenError('Only the host and moderators unpin questions.');
      const { pinnedQuestionId: questionId } = await tx.videoEvent.findUniqueOrThrow({
        where: { id: eventId },
        select: { pinnedQuestionId: true },
      });
      if (questionId === null) return { eventId };
      await tx.$executeRaw`UPDATE "VideoEvent" SET "pinnedQuestionId" = NULL WHERE id = ${eventId}::uuid`;
      await recordAction(tx, { eventId, actorId: viewer.id, kind: 'QUESTION_UNPINNED', questionId });
      append(feeds.event(eventId), questionUnpinned.draft({ questionId }, { subjectId: questionId }));
      return { eventId };
    });
}
