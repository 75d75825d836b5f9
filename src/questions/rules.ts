import { moderates, type Standing } from '../events/access.ts';
import { isOpen } from '../events/rules.ts';
import type { EventStatus, QuestionStatus } from '../generated/prisma/enums.ts';

/** Questions and upvotes are taken from the announcement to the end. What was asked is moderated and withdrawn afterwards, too. */
export const takesQuestions = (status: EventStatus): boolean => isOpen(status);

/** What becomes of a question, from where, and where it leads. */
export const moves = {
  approve: { from: ['PENDING'], to: 'APPROVED' },
  answer: { from: ['APPROVED'], to: 'ANSWERED' },
  dismiss: { from: ['PENDING', 'APPROVED', 'ANSWERED'], to: 'DISMISSED' },
  withdraw: { from: ['PENDING', 'APPROVED'], to: 'WITHDRAWN' },
} as const satisfies Record<string, { from: readonly QuestionStatus[]; to: QuestionStatus }>;

export type Move = keyof typeof moves;

/** What whoever sees the event sees of its questions. */
export const publicStatuses = ['APPROVED', 'ANSWERED'] as const satisfies readonly QuestionStatus[];

export const isPublic = (status: QuestionStatus): boolean =>
  (publicStatuses as readonly QuestionStatus[]).includes(status);

/** A question that nobody has dealt with. */
export const waitingStatuses = ['PENDING', 'APPROVED'] as const satisfies readonly QuestionStatus[];

/** So many questions of one participant wait at most. Moderators may ask more. */
export const mostWaiting = 10;

/** Upvotes say what is to be answered next. */
export const takesUpvotes = (status: QuestionStatus): boolean => status === 'APPROVED';

/** Whether somebody who sees the event sees this question of it. `visibleQuestions` says the same to the database. */
export const maySee = (standing: Standing, question: { status: QuestionStatus; authorId: string }): boolean =>
  isPublic(question.status) || question.authorId === standing.viewerId || moderates(standing);
