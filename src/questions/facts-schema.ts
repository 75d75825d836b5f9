import { ProfileType } from '../accounts/profile-schema.ts';
import { builder } from '../builder.ts';
import type { Fact } from '../feed/entry.ts';
import { factRef, factType } from '../feed/schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import {
  type QuestionFact,
  type QuestionTally,
  questionAnswered,
  questionApproved,
  questionAsked,
  questionDismissed,
  questionPinned,
  questionUnpinned,
  questionVotesChanged,
  questionWithdrawn,
} from './entries.ts';
import { QuestionStatusType } from './status-schema.ts';

const questionId = "The Question's global id.";

const QuestionSnapshot = builder.objectRef<QuestionFact>('QuestionSnapshot').implement({
  description: 'A question as it was when a fact was stated: the same for everybody who reads the fact.',
  fields: (t) => ({
    questionId: t.id({ description: questionId, resolve: ({ questionId: id }) => encodeGlobalId('Question', id) }),
    eventId: t.id({
      description: "The VideoEvent's global id.",
      resolve: ({ eventId }) => encodeGlobalId('VideoEvent', eventId),
    }),
    text: t.exposeString('text', {
      nullable: true,
      description: '1 to 300 characters; null once the question is withdrawn or dismissed.',
    }),
    author: t.field({
      type: ProfileType,
      nullable: true,
      description: 'Who asked; null where they asked anonymously. Moderators read `Question.author`.',
      resolve: ({ actor }) => actor,
    }),
    status: t.expose('status', { type: QuestionStatusType, description: 'Where it stood.' }),
    votes: t.exposeInt('votes', { description: 'Upvotes it had.' }),
    answer: t.exposeString('answer', {
      nullable: true,
      description: 'The answer in writing; null: none, or it was given live.',
    }),
    askedAt: t.field({
      type: 'DateTime',
      description: "When it was asked, by the database's clock.",
      resolve: ({ askedAt }) => new Date(askedAt),
    }),
    answeredAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was answered; null before.',
      resolve: ({ answeredAt }) => (answeredAt === null ? null : new Date(answeredAt)),
    }),
  }),
});

const questionFact = <Kind extends string>(fact: Fact<Kind, QuestionFact>, description: string) =>
  factRef(fact).implement({
    ...factType(fact),
    description,
    fields: (t) => ({
      question: t.field({
        type: QuestionSnapshot,
        description: 'The question from then on.',
        resolve: ({ entry }) => entry.payload,
      }),
    }),
  });

export const QuestionAsked = questionFact(
  questionAsked,
  'Somebody asked a question. One that waits for approval is told to moderators and its author only.',
);
export const QuestionApproved = questionFact(
  questionApproved,
  'A moderator approved a question: from now on everybody sees it.',
);
export const QuestionAnswered = questionFact(questionAnswered, 'A question was answered, in writing or live.');
export const QuestionPinned = questionFact(questionPinned, 'A question was pinned, in place of the one pinned before.');

const goneFact = <Kind extends string>(fact: Fact<Kind, { questionId: string }>, description: string) =>
  factRef(fact).implement({
    ...factType(fact),
    description,
    fields: (t) => ({
      questionId: t.id({
        description: questionId,
        resolve: ({ entry }) => encodeGlobalId('Question', entry.payload.questionId),
      }),
    }),
  });

export const QuestionUnpinned = goneFact(questionUnpinned, 'The pinned question was taken off.');
export const QuestionDismissed = goneFact(
  questionDismissed,
  'A moderator dismissed a question: show it no more. Of one that waited for approval only moderators and its author hear.',
);
export const QuestionWithdrawn = goneFact(
  questionWithdrawn,
  'Who asked took the question back: show it no more. Of one that waited for approval only moderators and its author hear.',
);

const QuestionTallyType = builder.objectRef<QuestionTally>('QuestionTally').implement({
  description: 'How many upvotes a question has.',
  fields: (t) => ({
    questionId: t.id({ description: questionId, resolve: ({ questionId: id }) => encodeGlobalId('Question', id) }),
    votes: t.exposeInt('votes', { description: 'Upvotes that stand, in all.' }),
  }),
});

export const QuestionVotesChanged = factRef(questionVotesChanged).implement({
  ...factType(questionVotesChanged),
  description: 'Questions have more or fewer upvotes. Upvotes that come in close together are told in one.',
  fields: (t) => ({
    tallies: t.field({
      type: [QuestionTallyType],
      description: 'The questions whose upvotes changed: at most 128.',
      resolve: ({ entry }) => [...entry.payload.tallies],
    }),
  }),
});
