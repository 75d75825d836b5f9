import { z } from 'zod';
import type { Viewer } from '../auth/viewer.ts';
import { ForbiddenError } from '../errors.ts';
import { moderates } from '../events/access.ts';
import { feeds } from '../feed/entry.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import { parseInput, text } from '../input.ts';
import { recordAction } from '../moderation/audit.ts';
import { longestReason } from '../moderation/rules.ts';
import type { OnEngaged } from '../participation/engaged.ts';
import { questionAnswered, questionApproved, questionDismissed, questionDraft } from './entries.ts';
import { type LockedQuestion, lockQuestion, moveQuestion, takeBack } from './move.ts';

const answerInput = z.object({ questionId: z.uuid(), answer: text(1, 500, { lines: true }).nullish() });
const dismissInput = z.object({ questionId: z.uuid(), reason: text(0, longestReason).nullish() });

/**
 * What the host and moderators do with questions; each resolves with the question's id. All throw NotFoundError, ForbiddenError,
 * and QuestionStatusError where the question's status does not allow it.
 */
export interface QuestionModeration {
  /** Shows a pending question to everybody. */
  approve(viewer: Viewer, questionId: string): Promise<string>;
  /** Says that it was answered: in writing, or live where `answer` is null. Throws InvalidInputError. */
  answer(viewer: Viewer, input: z.input<typeof answerInput>): Promise<string>;
  /** Hides it from everybody but its author and moderators, and takes its words from the feed's past. Throws InvalidInputError. */
  dismiss(viewer: Viewer, input: z.input<typeof dismissInput>): Promise<string>;
}

export function createQuestionModeration({
  write,
  onEngaged,
}: {
  write: Write;
  onEngaged: OnEngaged;
}): QuestionModeration {
  return {
    approve: (viewer, questionId) =>
      write(async (work) => {
        const question = await lockModerated(work, viewer, questionId);
        await moveQuestion(work.tx, questionId, { move: 'approve' });
        await record(work, viewer, { question, kind: 'QUESTION_APPROVED' });
        work.append(feeds.event(question.eventId), await questionDraft(work.tx, questionApproved, questionId));
        return questionId;
      }),

    async answer(viewer, input) {
      const { questionId, answer } = parseInput(answerInput, input);
      return write(async (work) => {
        const question = await lockModerated(work, viewer, questionId);
        await moveQuestion(work.tx, questionId, { move: 'answer', answer });
        await record(work, viewer, { question, kind: 'QUESTION_ANSWERED' });
        work.append(feeds.event(question.eventId), await questionDraft(work.tx, questionAnswered, questionId));
        // Whoever answers their own question did nobody else a service.
        if (question.authorId !== viewer.id) await onEngaged(work, question.eventId, [wasAnswered(question)]);
        return questionId;
      });
    },

    async dismiss(viewer, input) {
      const { questionId, reason } = parseInput(dismissInput, input);
      return write(async (work) => {
        const question = await lockModerated(work, viewer, questionId);
        await moveQuestion(work.tx, questionId, { move: 'dismiss' });
        await record(work, viewer, { question, kind: 'QUESTION_DISMISSED', reason: reason ?? '' });
        const gone = questionDismissed.draft({ questionId }, { subjectId: questionId });
        await takeBack(work, question, { gone, status: 'DISMISSED' });
        return questionId;
      });
    },
  };
}

const wasAnswered = ({ id, authorId }: LockedQuestion) =>
  ({ userId: authorId, trigger: 'QUESTION_ANSWERED', engagementType: null, subject: id }) as const;

/** Throws NotFoundError, ForbiddenError. */
export async function lockModerated({ tx }: Work, viewer: Viewer, questionId: string): Promise<LockedQuestion> {
  const { question, standing } = await lockQuestion(tx, viewer, questionId);
  if (!moderates(standing)) throw new ForbiddenError('Only the host and moderators do this.');
  return question;
}

type Done = {
  question: LockedQuestion;
  kind: 'QUESTION_APPROVED' | 'QUESTION_ANSWERED' | 'QUESTION_DISMISSED' | 'QUESTION_PINNED';
  reason?: string;
};

export const record = ({ tx }: Work, viewer: Viewer, { question, kind, reason }: Done): Promise<void> =>
  recordAction(tx, {
    eventId: question.eventId,
    actorId: viewer.id,
    kind,
    userId: question.authorId,
    questionId: question.id,
    reason,
  });
