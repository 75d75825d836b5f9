import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { IdempotencyConflictError } from '../feed/errors.ts';
import { encodeGlobalId } from '../global-id.ts';
import { SanctionedError } from '../moderation/errors.ts';
import { NotParticipantError } from '../participation/errors.ts';
import { QuestionStatusError, TooManyQuestionsError } from './errors.ts';
import './errors-schema.ts';
import './list-schema.ts';
import { QuestionType } from './question-schema.ts';

const questionPayload = (name: string, description: string) =>
  builder.objectRef<string>(name).implement({
    description,
    fields: (t) => ({
      question: t.field({
        type: QuestionType,
        description: 'The question as it is now.',
        resolve: async (questionId, _args, { questions, viewer }) => {
          const [question] = await questions.byIds(viewer, [questionId]);
          if (question == null) throw new NotFoundError('Question');
          return question;
        },
      }),
    }),
  });

const eventPayload = (name: string, description: string) =>
  builder.objectRef<{ eventId: string }>(name).implement({
    description,
    fields: (t) => ({
      eventId: t.id({
        description: "The VideoEvent's global id.",
        resolve: ({ eventId }) => encodeGlobalId('VideoEvent', eventId),
      }),
    }),
  });

const questionInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({ questionId: t.globalID({ for: QuestionType, required: true, description: 'The Question.' }) }),
  });

const AskQuestionInput = builder.inputType('AskQuestionInput', {
  description: 'A question to ask.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
    text: t.string({ required: true, description: '1 to 300 characters. Trimmed; control characters are dropped.' }),
    anonymous: t.boolean({
      description:
        'True: other participants are not told who asks. The host, moderators and admins see it all the same. Default: false.',
    }),
    idempotencyKey: t.string({
      description:
        'At most 64 characters, yours to choose. The same key and input again within 24 h: the first question again.',
    }),
  }),
});

builder.mutationField('askQuestion', (t) =>
  t.field({
    type: questionPayload('AskQuestionPayload', 'The question is asked; `status` says whether others see it yet.'),
    description:
      'Asks something in an event the viewer has joined. Where questions are pre-moderated it waits for approval. At most 10 of a participant wait for an answer.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: AskQuestionInput, required: true, description: 'What to ask.' }) },
    errors: {
      types: [
        NotFoundError,
        InvalidInputError,
        EventNotOpenError,
        NotParticipantError,
        SanctionedError,
        TooManyQuestionsError,
        IdempotencyConflictError,
      ],
    },
    resolve: (_root, { input }, { questions, viewer }) =>
      questions.ask(signedIn(viewer), { ...input, eventId: input.eventId.id }),
  }),
);

const upvoteErrors = [NotFoundError, EventNotOpenError, NotParticipantError, SanctionedError, QuestionStatusError];

builder.mutationField('upvoteQuestion', (t) =>
  t.field({
    type: questionPayload('UpvoteQuestionPayload', "The viewer's upvote stands."),
    description:
      'Says that the viewer, too, wants this answered: once, however often it is said. One may upvote what one asked oneself.',
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: questionInput('UpvoteQuestionInput', 'The question to upvote.'),
        required: true,
        description: 'Which question.',
      }),
    },
    errors: { types: [...upvoteErrors] },
    resolve: (_root, { input }, { questions, viewer }) => questions.upvote(signedIn(viewer), input.questionId.id),
  }),
);

builder.mutationField('removeUpvote', (t) =>
  t.field({
    type: questionPayload('RemoveUpvotePayload', 'No upvote of the viewer stands.'),
    description: "Takes the viewer's upvote back; without one nothing changes.",
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: questionInput('RemoveUpvoteInput', 'The question to upvote no more.'),
        required: true,
        description: 'Which question.',
      }),
    },
    errors: { types: [...upvoteErrors] },
    resolve: (_root, { input }, { questions, viewer }) => questions.removeUpvote(signedIn(viewer), input.questionId.id),
  }),
);

builder.mutationField('withdrawQuestion', (t) =>
  t.field({
    type: questionPayload('WithdrawQuestionPayload', 'The text is gone from every later read.'),
    description: "Takes the viewer's own question back, as long as it is not answered.",
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: questionInput('WithdrawQuestionInput', 'The question to take back.'),
        required: true,
        description: 'Which question.',
      }),
    },
    errors: { types: [NotFoundError, ForbiddenError, SanctionedError, QuestionStatusError] },
    resolve: (_root, { input }, { questions, viewer }) => questions.withdraw(signedIn(viewer), input.questionId.id),
  }),
);

builder.mutationField('approveQuestion', (t) =>
  t.field({
    type: questionPayload('ApproveQuestionPayload', 'Everybody sees the question.'),
    description: 'Shows a pending question to everybody. For the host and moderators.',
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: questionInput('ApproveQuestionInput', 'The question to approve.'),
        required: true,
        description: 'Which question.',
      }),
    },
    errors: { types: [NotFoundError, ForbiddenError, QuestionStatusError] },
    resolve: (_root, { input }, { questions, viewer }) => questions.approve(signedIn(viewer), input.questionId.id),
  }),
);

const AnswerQuestionInput = builder.inputType('AnswerQuestionInput', {
  description: 'A question that is answered.',
  fields: (t) => ({
    questionId: t.globalID({ for: QuestionType, required: true, description: 'The Question.' }),
    answer: t.string({ description: '1 to 500 characters, in lines. Without it: it was answered live.' }),
  }),
});

builder.mutationField('answerQuestion', (t) =>
  t.field({
    type: questionPayload('AnswerQuestionPayload', 'The question is answered.'),
    description:
      'Marks a public question as answered, with an answer in writing or without. For the host and moderators. A pinned one stays pinned.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: AnswerQuestionInput, required: true, description: 'Which question, and how.' }) },
    errors: { types: [NotFoundError, ForbiddenError, QuestionStatusError, InvalidInputError] },
    resolve: (_root, { input }, { questions, viewer }) =>
      questions.answer(signedIn(viewer), { ...input, questionId: input.questionId.id }),
  }),
);

const DismissQuestionInput = builder.inputType('DismissQuestionInput', {
  description: 'A question to put aside.',
  fields: (t) => ({
    questionId: t.globalID({ for: QuestionType, required: true, description: 'The Question.' }),
    reason: t.string({ description: 'For the moderation log, at most 200 characters. Default: empty.' }),
  }),
});

builder.mutationField('dismissQuestion', (t) =>
  t.field({
    type: questionPayload('DismissQuestionPayload', 'Only the author and moderators see the question.'),
    description:
      'Puts a question aside: others see it no more, and its words are gone from the feed. For the host and moderators.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: DismissQuestionInput, required: true, description: 'Which question, and why.' }) },
    errors: { types: [NotFoundError, ForbiddenError, QuestionStatusError, InvalidInputError] },
    resolve: (_root, { input }, { questions, viewer }) =>
      questions.dismiss(signedIn(viewer), { ...input, questionId: input.questionId.id }),
  }),
);

builder.mutationField('pinQuestion', (t) =>
  t.field({
    type: eventPayload('PinQuestionPayload', 'The question is pinned.'),
    description: 'Pins a public question, in place of the one before. For the host and moderators.',
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: questionInput('PinQuestionInput', 'The question to pin.'),
        required: true,
        description: 'Which question.',
      }),
    },
    errors: { types: [NotFoundError, ForbiddenError, QuestionStatusError] },
    resolve: (_root, { input }, { questions, viewer }) => questions.pin(signedIn(viewer), input.questionId.id),
  }),
);

const UnpinQuestionInput = builder.inputType('UnpinQuestionInput', {
  description: 'The event whose pinned question to take off.',
  fields: (t) => ({ eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }) }),
});

builder.mutationField('unpinQuestion', (t) =>
  t.field({
    type: eventPayload('UnpinQuestionPayload', 'No question is pinned.'),
    description: 'Takes the pinned question off. For the host and moderators; without a pinned one nothing changes.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: UnpinQuestionInput, required: true, description: 'Which event.' }) },
    errors: { types: [NotFoundError, ForbiddenError] },
    resolve: (_root, { input }, { questions, viewer }) => questions.unpin(signedIn(viewer), input.eventId.id),
  }),
);
