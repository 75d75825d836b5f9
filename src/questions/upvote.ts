import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { NotFoundError } from '../errors.ts';
import { Batch } from '../feed/batch.ts';
import { createGroupCommit } from '../feed/group-commit.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { type Upvoting, upvoteTogether } from './upvote-together.ts';

/**
 * Gives or takes back the viewer's upvote, together with the upvotes that arrive in the same event meanwhile. Resolves with the
 * question's id; what holds already changes nothing. Throws NotFoundError, EventNotOpenError, NotParticipantError,
 * SanctionedError, QuestionStatusError; UnavailableError when too many wait.
 */
export type Upvote = (viewer: Viewer, questionId: string) => Promise<string>;

export function createUpvotes({ write, db }: { write: Write; db: Db }): { upvote: Upvote; removeUpvote: Upvote } {
  const submit = createGroupCommit<Upvoting, string>({
    commit: (eventId, upvotings) =>
      write(async (work) => {
        const batch = new Batch(upvotings);
        await upvoteTogether(work, eventId, batch);
        return batch.verdicts();
      }),
  });
  const upvoting =
    (stands: boolean): Upvote =>
    async (viewer, questionId) => {
      // A question never changes its event.
      const question = await db.question.findUnique({ where: { id: questionId }, select: { eventId: true } });
      if (question === null) throw new NotFoundError('Question');
      return submit(question.eventId, { viewer, questionId, stands });
    };
  return { upvote: upvoting(true), removeUpvote: upvoting(false) };
}
