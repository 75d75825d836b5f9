import type { Viewer } from '../auth/viewer.ts';
import { ForbiddenError } from '../errors.ts';
import { isBanned } from '../events/access.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { SanctionedError } from '../moderation/errors.ts';
import { questionWithdrawn } from './entries.ts';
import { lockQuestion, moveQuestion, takeBack } from './move.ts';

/**
 * Takes one's own question back: its text is gone, here and from the feed's past. Resolves with its id. Throws NotFoundError;
 * ForbiddenError for anybody but the author; SanctionedError for an author who is banned; QuestionStatusError once it is answered,
 * dismissed or withdrawn.
 */
export function createWithdraw(write: Write) {
  return (viewer: Viewer, questionId: string): Promise<string> =>
    write(async (work) => {
      const { question, standing } = await lockQuestion(work.tx, viewer, questionId);
      if (question.authorId !== viewer.id) throw new ForbiddenError('Only who asked withdraws a question.');
      if (standing.sanction !== null && isBanned(standing)) throw new SanctionedError(standing.sanction);
      await moveQuestion(work.tx, questionId, { move: 'withdraw' });
      const gone = questionWithdrawn.draft({ questionId }, { subjectId: questionId });
      await takeBack(work, question, { gone, status: 'WITHDRAWN' });
      return questionId;
    });
}
