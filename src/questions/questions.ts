import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import type { Write } from '../feed/unit-of-work.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import type { QuestionStatus } from '../generated/prisma/enums.ts';
import type { OnEngaged } from '../participation/engaged.ts';
import { visibleQuestions } from './access.ts';
import { createAsk } from './ask.ts';
import { beyond, orderBy, type Place, type QuestionOrder } from './list-cursor.ts';
import { createQuestionModeration } from './moderate.ts';
import { createPin, createUnpin } from './pin.ts';
import { type Question, questionColumns, questionOf } from './question.ts';
import { createUpvotes } from './upvote.ts';
import { createWithdraw } from './withdraw.ts';

/** Which of an event's questions. */
export interface QuestionFilter {
  eventId: string;
  /** Null: in any status. */
  statuses: readonly QuestionStatus[] | null;
}

/** A stretch of a list; both bounds are left out. */
export interface Stretch {
  order: QuestionOrder;
  after: Place | null;
  before: Place | null;
  limit: number;
  /** From the end: for paging backwards. */
  inverted: boolean;
}

export type Questions = ReturnType<typeof createQuestions>;

export function createQuestions({ write, db, onEngaged }: { write: Write; db: Db; onEngaged: OnEngaged }) {
  return {
    ask: createAsk({ write, onEngaged }),
    ...createUpvotes({ write, db }),
    withdraw: createWithdraw(write),
    ...createQuestionModeration({ write, onEngaged }),
    pin: createPin(write),
    unpin: createUnpin(write),

    /** The questions with these ids, in their order; null where there is none or the viewer may not know of it. */
    async byIds(viewer: Viewer | null, ids: readonly string[]): Promise<(Question | null)[]> {
      const rows = await db.question.findMany({
        where: { AND: [{ id: { in: [...ids] } }, visibleQuestions(viewer)] },
        select: questionColumns(viewer),
      });
      const found = new Map(rows.map((row) => [row.id, questionOf(viewer, row)]));
      return ids.map((id) => found.get(id) ?? null);
    },

    /** An event's questions as the viewer may know of them. */
    async list(viewer: Viewer | null, filter: QuestionFilter, stretch: Stretch): Promise<Question[]> {
      const { order, after, before, limit, inverted } = stretch;
      const bounds = [
        after === null ? {} : beyond(order, 'after', after),
        before === null ? {} : beyond(order, 'before', before),
      ];
      const rows = await db.question.findMany({
        where: { AND: [matching(viewer, filter), ...bounds] },
        orderBy: orderBy(order, inverted),
        take: limit,
        select: questionColumns(viewer),
      });
      return rows.map((row) => questionOf(viewer, row));
    },

    /** How many `list` would give without its bounds. */
    count: (viewer: Viewer | null, filter: QuestionFilter): Promise<number> =>
      db.question.count({ where: matching(viewer, filter) }),
  };
}

const matching = (viewer: Viewer | null, { eventId, statuses }: QuestionFilter): Prisma.QuestionWhereInput => ({
  AND: [{ eventId }, statuses === null ? {} : { status: { in: [...statuses] } }, visibleQuestions(viewer)],
});
