import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { NotFoundError } from '../errors.ts';
import { maySee as maySeeEvent, type Standing, standingsIn } from '../events/access.ts';
import { lockRow } from '../events/lock.ts';
import type { Batch } from '../feed/batch.ts';
import { feeds } from '../feed/entry.ts';
import type { Work } from '../feed/unit-of-work.ts';
import type { QuestionStatus } from '../generated/prisma/enums.ts';
import { newId } from '../ids.ts';
import { placeOf, takingPartRefused } from '../participation/taking-part.ts';
import { type QuestionTally, questionVotesChanged } from './entries.ts';
import { QuestionStatusError } from './errors.ts';
import { maySee, takesQuestions, takesUpvotes } from './rules.ts';

/** An upvote on its way in, or out. */
export interface Upvoting {
  readonly viewer: Viewer;
  readonly questionId: string;
  /** Whether it is to stand. */
  readonly stands: boolean;
}

/** What is to be of one participant's upvote of one question. */
interface Wish {
  readonly questionId: string;
  readonly participantId: string;
  readonly stands: boolean;
}

/** Judges a batch, writes what is taken, and states the tallies that changed, once for all. What an upvoting comes to is its question's id. */
export async function upvoteTogether({ tx, append }: Work, eventId: string, batch: Batch<Upvoting>): Promise<void> {
  await lockRow(tx, eventId);
  const standings = await judge(tx, eventId, batch);
  const wishes = new Map<string, Wish>();
  for (const upvoting of batch.open) {
    const standing = standings.get(upvoting.viewer.id);
    if (standing === undefined) continue;
    const { questionId, stands } = upvoting;
    const participantId = await placeOf(tx, standing);
    // Who changes their mind within a batch is taken at their last word.
    wishes.set(`${questionId} ${participantId}`, { questionId, participantId, stands });
    batch.answer(upvoting, questionId);
  }
  const tallies = await grant(tx, eventId, [...wishes.values()]);
  if (tallies.length > 0) append(feeds.event(eventId), questionVotesChanged.draft({ tallies }));
}

/** Who may not know of the question, or not take part in the event, drops out, and so does who finds it past upvoting. */
async function judge(tx: Transaction, eventId: string, batch: Batch<Upvoting>): Promise<Map<string, Standing>> {
  const viewers = new Map(batch.open.map(({ viewer }) => [viewer.id, viewer]));
  const standings = await standingsIn(tx, [...viewers.values()], eventId);
  const standingOf = new Map(standings.map((standing) => [standing.viewerId ?? '', standing]));
  const rows = await tx.question.findMany({
    where: { id: { in: [...new Set(batch.open.map(({ questionId }) => questionId))] }, eventId },
    select: { id: true, status: true, authorId: true },
  });
  const found = new Map(rows.map((row) => [row.id, row]));
  for (const upvoting of batch.open) {
    const refusal = refusalOf(standingOf.get(upvoting.viewer.id), found.get(upvoting.questionId));
    if (refusal !== null) batch.refuse(upvoting, refusal);
  }
  return standingOf;
}

type FoundQuestion = { status: QuestionStatus; authorId: string };

/** Null: the upvote is taken. */
function refusalOf(standing: Standing | undefined, question: FoundQuestion | undefined): Error | null {
  if (standing === undefined || question === undefined || !maySeeEvent(standing) || !maySee(standing, question))
    return new NotFoundError('Question');
  const refusal = takingPartRefused(standing, takesQuestions);
  if (refusal !== null) return refusal;
  return takesUpvotes(question.status) ? null : new QuestionStatusError(question.status);
}

/**
 * Makes the rows as they are wished, and tells the tallies that changed. An engagement is logged for a participant's first upvote
 * of a question only. The caller has locked the event's row, so that nobody else's upvotes come between the statements.
 */
async function grant(tx: Transaction, eventId: string, wishes: readonly Wish[]): Promise<QuestionTally[]> {
  if (wishes.length === 0) return [];
  const rows = JSON.stringify(wishes.map((wish) => ({ ...wish, engagementId: newId() })));
  await tx.$executeRaw`
    UPDATE "QuestionUpvote" u SET "removedAt" = CASE WHEN w.stands THEN NULL ELSE clock_timestamp() END
    FROM jsonb_to_recordset(${rows}::jsonb) AS w("questionId" uuid, "participantId" uuid, stands boolean)
    WHERE u."questionId" = w."questionId" AND u."participantId" = w."participantId" AND (u."removedAt" IS NULL) <> w.stands`;
  await tx.$executeRaw`
    WITH wished AS (
      SELECT * FROM jsonb_to_recordset(${rows}::jsonb)
        AS w("questionId" uuid, "participantId" uuid, stands boolean, "engagementId" uuid)
    ), first AS (
      INSERT INTO "QuestionUpvote" AS u ("questionId", "participantId", "eventId", "createdAt")
      SELECT "questionId", "participantId", ${eventId}::uuid, clock_timestamp() FROM wished WHERE stands
      ON CONFLICT ("questionId", "participantId") DO NOTHING
      RETURNING u."questionId", u."participantId", u."createdAt"
    )
    INSERT INTO "EngagementLog" (id, "participantId", "eventId", "engagementType", "engagementTime", "subjectId")
    SELECT w."engagementId", f."participantId", ${eventId}::uuid, 'UPVOTE', f."createdAt", f."questionId"
    FROM first f JOIN wished w USING ("questionId", "participantId")`;
  return recount(tx, [...new Set(wishes.map(({ questionId }) => questionId))]);
}

/** Counted from the rows, in a statement that sees all of them: a tally can never drift away from what it counts. */
function recount(tx: Transaction, questionIds: readonly string[]): Promise<QuestionTally[]> {
  return tx.$queryRaw<QuestionTally[]>`
    UPDATE "Question" q SET votes = c.votes
    FROM (
      SELECT w.id, count(u."participantId")::int AS votes FROM unnest(${[...questionIds]}::uuid[]) AS w(id)
      LEFT JOIN "QuestionUpvote" u ON u."questionId" = w.id AND u."removedAt" IS NULL GROUP BY w.id
    ) c
    WHERE q.id = c.id AND q.votes <> c.votes
    RETURNING q.id::text AS "questionId", q.votes`;
}
