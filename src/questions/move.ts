import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { NotFoundError } from '../errors.ts';
import { type Standing, standingIn } from '../events/access.ts';
import { lockRow } from '../events/lock.ts';
import { type EntryDraft, feeds } from '../feed/entry.ts';
import type { Work } from '../feed/unit-of-work.ts';
import type { QuestionStatus } from '../generated/prisma/enums.ts';
import { inConfidence, questionUnpinned, wordsOf } from './entries.ts';
import { QuestionStatusError } from './errors.ts';
import { isPublic, type Move, maySee, moves } from './rules.ts';

/** A question's row as it is behind its event's lock. */
export interface LockedQuestion {
  readonly id: string;
  readonly eventId: string;
  readonly authorId: string;
  readonly anonymous: boolean;
  readonly status: QuestionStatus;
}

/**
 * Locks the question's event, and tells how the viewer stands to it. Throws NotFoundError where the viewer may not know of the
 * question.
 */
export async function lockQuestion(
  tx: Transaction,
  viewer: Viewer,
  questionId: string,
): Promise<{ question: LockedQuestion; standing: Standing }> {
  const select = { id: true, eventId: true, authorId: true, anonymous: true, status: true } as const;
  const found = await tx.question.findUnique({ where: { id: questionId }, select: { eventId: true } });
  if (found === null) throw new NotFoundError('Question');
  await lockRow(tx, found.eventId);
  const standing = await standingIn(tx, viewer, found.eventId);
  const question = await tx.question.findUnique({ where: { id: questionId }, select });
  if (standing === null || question === null || !maySee(standing, question)) throw new NotFoundError('Question');
  return { question, standing };
}

/** Compare-and-set. Throws QuestionStatusError where the question's status does not allow the move. */
export async function moveQuestion(
  tx: Transaction,
  questionId: string,
  { move, answer = null }: { move: Move; answer?: string | null },
): Promise<void> {
  const { from, to } = moves[move];
  const moved = await tx.$executeRaw`
    UPDATE "Question" SET status = ${to}::"QuestionStatus",
      text = CASE WHEN ${to} = 'WITHDRAWN' THEN NULL ELSE text END,
      answer = COALESCE(${answer}, answer),
      "answeredAt" = CASE WHEN ${to} = 'ANSWERED' THEN clock_timestamp() ELSE "answeredAt" END,
      "updatedAt" = clock_timestamp()
    WHERE id = ${questionId}::uuid AND status::text = ANY(${[...from]})`;
  if (moved > 0) return;
  const { status } = await tx.question.findUniqueOrThrow({ where: { id: questionId }, select: { status: true } });
  throw new QuestionStatusError(status);
}

/**
 * States to whoever knew of the question that it is gone: its words leave the feed's past, and it is pinned no more. The caller
 * has moved it to `status`.
 */
export async function takeBack(
  { tx, append }: Work,
  question: LockedQuestion,
  { gone, status }: { gone: EntryDraft; status: QuestionStatus },
): Promise<void> {
  const { id, eventId, authorId } = question;
  const feed = feeds.event(eventId);
  const redacts = { ...wordsOf(question), patch: { text: null, answer: null, status } };
  const [first = gone, ...others] = isPublic(question.status) ? [gone] : inConfidence(gone, authorId);
  append(feed, [{ ...first, redacts }, ...others]);
  const unpinned = await tx.$executeRaw`
    UPDATE "VideoEvent" SET "pinnedQuestionId" = NULL WHERE id = ${eventId}::uuid AND "pinnedQuestionId" = ${id}::uuid`;
  if (unpinned > 0) append(feed, questionUnpinned.draft({ questionId: id }, { subjectId: id }));
}
