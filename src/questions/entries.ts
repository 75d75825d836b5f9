import { deletedProfile, type Profile } from '../accounts/profile.ts';
import { readToldProfile } from '../accounts/told-profile.ts';
import type { Transaction } from '../db/client.ts';
import { type EntryDraft, type Fact, fact } from '../feed/entry.ts';
import type { QuestionStatus } from '../generated/prisma/enums.ts';

/**
 * A question as it was at the moment of a fact. Being withdrawn or dismissed empties `text` and `answer` later, and an account's
 * deletion replaces `actor`. Instants are in ms since 1970.
 */
export type QuestionFact = {
  readonly questionId: string;
  readonly eventId: string;
  /** 1 to 300 code points; null once withdrawn or dismissed. */
  readonly text: string | null;
  /** The author; null for an anonymous question, whoever reads the fact. */
  readonly actor: Profile | null;
  readonly status: QuestionStatus;
  readonly votes: number;
  readonly answer: string | null;
  readonly askedAt: number;
  readonly answeredAt: number | null;
};

export type QuestionTally = { readonly questionId: string; readonly votes: number };

/** For everybody; while it waits for approval, for moderators and, as an entry of its own, for its author. */
export const questionAsked = fact<QuestionFact>()('QuestionAsked');
export const questionApproved = fact<QuestionFact>()('QuestionApproved');
export const questionAnswered = fact<QuestionFact>()('QuestionAnswered');
export const questionPinned = fact<QuestionFact>()('QuestionPinned');

// Nobody's words: these facts have no actor. Those about a question that was never public go to moderators and its author.
export const questionUnpinned = fact<{ questionId: string }>()('QuestionUnpinned');
export const questionDismissed = fact<{ questionId: string }>()('QuestionDismissed');
export const questionWithdrawn = fact<{ questionId: string }>()('QuestionWithdrawn');

/** Upvotes of public questions as they are now. Those that are committed together are told once. */
export const questionVotesChanged = fact<{ readonly tallies: readonly QuestionTally[] }>()('QuestionVotesChanged');

/**
 * Whose words a question's facts carry: what takes them back finds them by this. An anonymous question speaks for itself, for
 * the deletion of an account writes that account's profile into every fact that names it as its actor.
 */
export const wordsOf = (question: { id: string; authorId: string; anonymous: boolean }) => ({
  actorId: question.anonymous ? question.id : question.authorId,
  subjectId: question.id,
});

/** States the question as it is now. Call it behind the event's lock. */
export async function questionDraft<Kind extends string>(
  tx: Transaction,
  kind: Fact<Kind, QuestionFact>,
  questionId: string,
): Promise<EntryDraft> {
  const row = await tx.question.findUniqueOrThrow({ where: { id: questionId } });
  const { id, eventId, authorId, text, status, votes, answer, createdAt, answeredAt } = row;
  const actor = row.anonymous ? null : ((await readToldProfile(tx, authorId)) ?? deletedProfile(authorId));
  const question = {
    questionId: id,
    eventId,
    text,
    actor,
    status,
    votes,
    answer,
    askedAt: createdAt.getTime(),
    answeredAt: answeredAt?.getTime() ?? null,
  };
  return kind.draft(question, wordsOf(row));
}

/** The same draft for moderators, and for the author: what others are not to know yet. */
export const inConfidence = (draft: EntryDraft, authorId: string): EntryDraft[] => [
  { ...draft, audience: 'moderators' },
  { ...draft, audience: `user:${authorId}` },
];
