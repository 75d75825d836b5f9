import { ProfileType } from '../accounts/profile-schema.ts';
import { builder } from '../builder.ts';
import { encodeGlobalId } from '../global-id.ts';
import type { Question } from './question.ts';
import { QuestionStatusType } from './status-schema.ts';

// Facts carry a QuestionSnapshot instead: who asked, and whether the viewer upvoted, depends on who reads.
const questionRef = builder.objectRef<Question>('Question');
export const QuestionType = builder.node(questionRef, {
  description: 'What somebody wants to know from those on stage, as the viewer may know of it.',
  id: { resolve: ({ questionId }) => questionId },
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'questionId' in value && 'viewerUpvoted' in value,
  loadManyWithoutCache: (ids, { questions, viewer }) => questions.byIds(viewer, ids),
  fields: (t) => ({
    eventId: t.id({
      description: "The VideoEvent's global id.",
      resolve: ({ eventId }) => encodeGlobalId('VideoEvent', eventId),
    }),
    text: t.exposeString('text', { nullable: true, description: '1 to 300 characters; null once withdrawn.' }),
    anonymous: t.exposeBoolean('anonymous', {
      description: 'Whether other participants are not told who asked. The host, moderators and admins are.',
    }),
    author: t.expose('author', {
      type: ProfileType,
      nullable: true,
      description: 'Who asked; null where that is not for the viewer to know.',
    }),
    status: t.expose('status', { type: QuestionStatusType, description: 'Where it stands.' }),
    votes: t.exposeInt('votes', { description: 'Upvotes that stand. Live as `QuestionVotesChanged` in the feed.' }),
    viewerUpvoted: t.exposeBoolean('viewerUpvoted', { description: "Whether the viewer's own upvote is among them." }),
    answer: t.exposeString('answer', {
      nullable: true,
      description: 'The answer in writing, at most 500 characters, in lines; null: none, or it was given live.',
    }),
    askedAt: t.expose('askedAt', { type: 'DateTime', description: "When it was asked, by the database's clock." }),
    answeredAt: t.expose('answeredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was answered; null before.',
    }),
  }),
});
