import { z } from 'zod';
import { readToldProfile } from '../accounts/told-profile.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { NotFoundError, UnauthenticatedError } from '../errors.ts';
import { moderates, type Standing, standingsIn } from '../events/access.ts';
import { lockRow } from '../events/lock.ts';
import { feeds } from '../feed/entry.ts';
import { idempotencyKey, once } from '../feed/idempotency.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import { newId } from '../ids.ts';
import { parseInput, text } from '../input.ts';
import type { OnEngaged } from '../participation/engaged.ts';
import { placeOf, takingPartRefused } from '../participation/taking-part.ts';
import { inConfidence, questionAsked, questionDraft } from './entries.ts';
import { TooManyQuestionsError } from './errors.ts';
import { isPublic, mostWaiting, takesQuestions, waitingStatuses } from './rules.ts';

const newQuestion = z.object({
  eventId: z.uuid(),
  text: text(1, 300),
  anonymous: z.nullish(z.boolean()).transform((value) => value ?? false),
});
export type AskQuestionInput = z.input<typeof newQuestion> & { idempotencyKey?: string | null };
type NewQuestion = z.output<typeof newQuestion>;

/**
 * Asks a question: its row, its engagement and its fact in one transaction. Where questions are pre-moderated it is PENDING,
 * unless a moderator asks. Resolves with its id. Throws NotFoundError, EventNotOpenError, NotParticipantError, SanctionedError,
 * TooManyQuestionsError, InvalidInputError, IdempotencyConflictError.
 */
export function createAsk({
  write,
  onEngaged,
}: {
  write: Write;
  onEngaged: OnEngaged;
}): (viewer: Viewer, input: AskQuestionInput) => Promise<string> {
  return async (viewer, raw) => {
    const { idempotencyKey: key, ...input } = parseInput(newQuestion.and(idempotencyKey), raw);
    const request = { userId: viewer.id, key, operation: 'askQuestion', input };
    return write((work) =>
      once(work.tx, request, async () => {
        const questionId = await ask(work, viewer, input);
        const asked = {
          userId: viewer.id,
          trigger: 'QUESTION_ASKED',
          engagementType: null,
          subject: questionId,
        } as const;
        await onEngaged(work, input.eventId, [asked]);
        return questionId;
      }),
    );
  };
}

/** Behind the event's lock, as ending it and sanctions are: the question precedes these, or is refused. */
async function ask({ tx, append }: Work, viewer: Viewer, input: NewQuestion): Promise<string> {
  const { eventId } = input;
  await lockRow(tx, eventId);
  const [standing] = await standingsIn(tx, [viewer], eventId);
  const refusal = takingPartRefused(standing, takesQuestions);
  if (standing === undefined || refusal !== null) throw refusal ?? new NotFoundError('Event');
  // Also for an anonymous question: an account that was deleted meanwhile has no voice.
  if ((await readToldProfile(tx, viewer.id)) === null) throw new UnauthenticatedError();
  const participantId = await placeOf(tx, standing);
  if (!moderates(standing)) await refuseTooMany(tx, participantId);

  const { questionId, status } = await insert(tx, { ...input, participantId, standing, authorId: viewer.id });
  const draft = await questionDraft(tx, questionAsked, questionId);
  append(feeds.event(eventId), isPublic(status) ? draft : inConfidence(draft, viewer.id));
  return questionId;
}

async function refuseTooMany(tx: Transaction, participantId: string): Promise<void> {
  const waiting = await tx.question.count({ where: { participantId, status: { in: [...waitingStatuses] } } });
  if (waiting >= mostWaiting) throw new TooManyQuestionsError(mostWaiting);
}

async function insert(
  tx: Transaction,
  question: NewQuestion & { participantId: string; authorId: string; standing: Standing },
) {
  const { eventId, participantId, authorId, anonymous, text, standing } = question;
  const questionId = newId();
  const [asked] = await tx.$queryRaw<{ status: 'PENDING' | 'APPROVED' }[]>`
    WITH asked AS (
      INSERT INTO "Question" (id, "eventId", "participantId", "authorId", anonymous, text, status, "createdAt", "updatedAt")
      SELECT ${questionId}::uuid, e.id, ${participantId}::uuid, ${authorId}::uuid, ${anonymous}, ${text},
        (CASE WHEN e."questionsPreModerated" AND NOT ${moderates(standing)} THEN 'PENDING' ELSE 'APPROVED' END)::"QuestionStatus",
        clock_timestamp(), clock_timestamp()
      FROM "VideoEvent" e WHERE e.id = ${eventId}::uuid
      RETURNING status, "createdAt"
    ), engagement AS (
      INSERT INTO "EngagementLog" (id, "participantId", "eventId", "engagementType", "engagementTime", "subjectId")
      SELECT ${newId()}::uuid, ${participantId}::uuid, ${eventId}::uuid, 'QUESTION', "createdAt", ${questionId}::uuid FROM asked
    )
    SELECT status::text AS status FROM asked`;
  if (asked === undefined) throw new NotFoundError('Event');
  return { questionId, status: asked.status };
}
