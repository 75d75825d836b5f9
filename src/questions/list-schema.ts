import { resolveCursorConnection } from '@pothos/plugin-relay';
import { builder } from '../builder.ts';
import { page } from '../complexity.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { decodeQuestionCursor, encodeQuestionCursor } from './list-cursor.ts';
import type { Question } from './question.ts';
import { QuestionType } from './question-schema.ts';
import type { QuestionFilter } from './questions.ts';
import { QuestionStatusType } from './status-schema.ts';

const QuestionOrderType = builder.enumType('QuestionOrder', {
  description: 'The order of a list of questions.',
  values: {
    VOTES: { description: 'Most votes first; of equally many the earliest first.' },
    TIME: { description: 'The latest first.' },
  } as const,
});

/** What a page is of, for its total. */
const filters = new WeakMap<object, QuestionFilter>();

const QuestionsConnection = builder.connectionObject(
  {
    type: QuestionType,
    name: 'VideoEventQuestionsConnection',
    fields: (t) => ({
      totalCount: t.int({
        nullable: true,
        resolve: (connection, _args, { questions, viewer }) => {
          const filter = filters.get(connection);
          return filter === undefined ? null : questions.count(viewer, filter);
        },
      }),
    }),
  },
  { name: 'VideoEventQuestionsConnectionEdge' },
);

builder.prismaObjectFields(VideoEvent, (t) => ({
  questionsPreModerated: t.exposeBoolean('questionsPreModerated', {
    description: 'Whether a question waits for a moderator before others see it.',
  }),
  questions: t.field({
    type: QuestionsConnection,
    nullable: true,
    select: { id: true },
    description:
      'What was asked, as far as the viewer may know: the public questions, their own, and for the host, moderators and admins all.',
    args: {
      ...t.arg.connectionArgs(),
      status: t.arg({ type: [QuestionStatusType], description: 'Only questions in one of these. Default: all.' }),
      orderBy: t.arg({
        type: QuestionOrderType,
        required: true,
        defaultValue: 'VOTES',
        description: 'Which come first. A cursor belongs to the order it was given in.',
      }),
    },
    resolve: async ({ id }, { status, orderBy: order, ...args }, { questions, viewer }) => {
      const filter = { eventId: id, statuses: status ?? null };
      const connection = await resolveCursorConnection<Promise<Question[]>>(
        {
          args,
          defaultSize: page.default,
          maxSize: page.max,
          toCursor: (question) => encodeQuestionCursor(order, question),
        },
        ({ after, before, limit, inverted }) =>
          questions.list(viewer, filter, {
            order,
            after: decodeQuestionCursor(order, after),
            before: decodeQuestionCursor(order, before),
            limit,
            inverted,
          }),
      );
      filters.set(connection, filter);
      return connection;
    },
  }),
  pinnedQuestion: t.field({
    type: QuestionType,
    nullable: true,
    select: { pinnedQuestionId: true },
    description: 'The question on top: what is being answered. Null: none.',
    resolve: async ({ pinnedQuestionId }, _args, { questions, viewer }) =>
      pinnedQuestionId === null ? null : ((await questions.byIds(viewer, [pinnedQuestionId]))[0] ?? null),
  }),
}));
