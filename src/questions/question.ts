import { type Profile, profileColumns, profileOf } from '../accounts/profile.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import type { QuestionStatus } from '../generated/prisma/enums.ts';

/** A question as one viewer reads it. */
export interface Question {
  readonly questionId: string;
  readonly eventId: string;
  /** Null once withdrawn. */
  readonly text: string | null;
  readonly anonymous: boolean;
  /** Null: anonymous, and the viewer neither asked it nor moderates the event. */
  readonly author: Profile | null;
  readonly status: QuestionStatus;
  readonly votes: number;
  readonly viewerUpvoted: boolean;
  readonly answer: string | null;
  readonly askedAt: Date;
  readonly answeredAt: Date | null;
}

/** What is read of a question for this viewer. */
export const questionColumns = (viewer: Viewer | null) => {
  const own = { in: viewer === null ? [] : [viewer.id] };
  return {
    id: true,
    eventId: true,
    text: true,
    anonymous: true,
    status: true,
    votes: true,
    answer: true,
    answeredAt: true,
    createdAt: true,
    author: { select: profileColumns },
    event: { select: { hostId: true, moderators: { where: { userId: own }, select: { userId: true } } } },
    upvotes: { where: { removedAt: null, participant: { userId: own } }, select: { participantId: true } },
  } as const satisfies Prisma.QuestionSelect;
};

type QuestionRow = Prisma.QuestionGetPayload<{ select: ReturnType<typeof questionColumns> }>;

export function questionOf(
  viewer: Viewer | null,
  { id, author, event, upvotes, createdAt, ...row }: QuestionRow,
): Question {
  const moderates =
    viewer !== null && (viewer.role === 'ADMIN' || event.hostId === viewer.id || event.moderators.length > 0);
  const knowsAuthor = !row.anonymous || moderates || author.id === viewer?.id;
  return {
    questionId: id,
    eventId: row.eventId,
    text: row.text,
    anonymous: row.anonymous,
    author: knowsAuthor ? profileOf(author) : null,
    status: row.status,
    votes: row.votes,
    viewerUpvoted: upvotes.length > 0,
    answer: row.answer,
    askedAt: createdAt,
    answeredAt: row.answeredAt,
  };
}
