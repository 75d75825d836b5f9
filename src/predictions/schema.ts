import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { IdempotencyConflictError } from '../feed/errors.ts';
import { SanctionedError } from '../moderation/errors.ts';
import { NotParticipantError } from '../participation/errors.ts';
import { InsufficientPointsError } from '../rewards/errors.ts';
import { pointsAtATime } from '../rewards/rules.ts';
import { AlreadyStakedError, PredictionStatusError } from './errors.ts';
import './errors-schema.ts';
import { Prediction, PredictionOutcome } from './prediction-schema.ts';
import { mostOpenPredictions } from './rules.ts';

const idempotencyKey =
  'At most 64 characters of your choice. Sent again within 24 hours with the same input, the mutation answers as it did first and does nothing.';

const payload = (name: string, description: string) =>
  builder.objectRef<{ predictionId: string }>(name).implement({
    description,
    fields: (t) => ({
      prediction: t.prismaField({
        type: Prediction,
        description: 'The prediction as it is now.',
        resolve: (query, { predictionId }, _args, { predictions, viewer }) =>
          predictions.get(viewer, predictionId, query),
      }),
    }),
  });

const CreatePredictionInput = builder.inputType('CreatePredictionInput', {
  description: 'A prediction to open.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
    title: t.string({ required: true, description: 'What is to be predicted, 1 to 120 characters.' }),
    outcomes: t.stringList({
      required: true,
      description: '2 to 10 texts of 1 to 80 characters, no two the same, in the order in which they are shown.',
    }),
    durationSeconds: t.int({
      description: 'Seconds after which it locks by itself, 15 to 86,400; null: when somebody locks it.',
    }),
    idempotencyKey: t.string({ description: idempotencyKey }),
  }),
});

builder.mutationField('createPrediction', (t) =>
  t.field({
    type: payload('CreatePredictionPayload', 'Participants may stake.'),
    description: `Opens a prediction, while the event is scheduled or on air. At most ${mostOpenPredictions} of an event are open at a time. For the host and moderators.`,
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: CreatePredictionInput, required: true, description: 'The prediction.' }) },
    errors: {
      types: [NotFoundError, ForbiddenError, EventNotOpenError, InvalidInputError, IdempotencyConflictError],
    },
    resolve: (_root, { input }, { predictions, viewer }) =>
      predictions.create(signedIn(viewer), { ...input, eventId: input.eventId.id }),
  }),
);

const StakePointsInput = builder.inputType('StakePointsInput', {
  description: 'Points on an outcome.',
  fields: (t) => ({
    predictionId: t.globalID({ for: Prediction, required: true, description: 'The Prediction.' }),
    outcomeId: t.globalID({ for: PredictionOutcome, required: true, description: 'One of its outcomes.' }),
    points: t.int({
      required: true,
      description: `How many: ${pointsAtATime.least} to ${pointsAtATime.most.toLocaleString('en')}.`,
    }),
    idempotencyKey: t.string({ description: idempotencyKey }),
  }),
});

builder.mutationField('stakePoints', (t) =>
  t.field({
    type: payload('StakePointsPayload', 'The points are staked, and gone from the wallet.'),
    description:
      "Stakes points of the viewer's wallet with the event's host on an outcome, or adds some to what they staked on it before. For participants; the host has no points of their own.",
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: StakePointsInput, required: true, description: 'On what, and how many.' }) },
    errors: {
      types: [
        NotFoundError,
        InvalidInputError,
        ForbiddenError,
        NotParticipantError,
        SanctionedError,
        PredictionStatusError,
        AlreadyStakedError,
        InsufficientPointsError,
        IdempotencyConflictError,
      ],
    },
    resolve: (_root, { input }, { predictions, viewer }) =>
      predictions.stake(signedIn(viewer), {
        ...input,
        predictionId: input.predictionId.id,
        outcomeId: input.outcomeId.id,
      }),
  }),
);

const which = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({
      predictionId: t.globalID({ for: Prediction, required: true, description: 'The Prediction.' }),
    }),
  });

const moveErrors = [NotFoundError, ForbiddenError, PredictionStatusError];

builder.mutationField('lockPrediction', (t) =>
  t.field({
    type: payload('LockPredictionPayload', 'No more stakes.'),
    description: 'Ends the staking before its time, or without one. For the host and moderators.',
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: which('LockPredictionInput', 'What lockPrediction takes.'),
        required: true,
        description: 'Which prediction.',
      }),
    },
    errors: { types: moveErrors },
    resolve: (_root, { input }, { predictions, viewer }) => predictions.lock(signedIn(viewer), input.predictionId.id),
  }),
);

const ResolvePredictionInput = builder.inputType('ResolvePredictionInput', {
  description: 'What came true.',
  fields: (t) => ({
    predictionId: t.globalID({ for: Prediction, required: true, description: 'The Prediction: a locked one.' }),
    outcomeId: t.globalID({ for: PredictionOutcome, required: true, description: 'One of its outcomes.' }),
  }),
});

builder.mutationField('resolvePrediction', (t) =>
  t.field({
    type: payload('ResolvePredictionPayload', 'It is decided: the points follow within moments, to each once.'),
    description:
      'Says how a locked prediction ended. Whoever staked on that shares the pot in proportion to their stakes; where nobody did, everybody gets their stake back. For the host and moderators who have not staked.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: ResolvePredictionInput, required: true, description: 'Which, and how it ended.' }) },
    errors: { types: moveErrors },
    resolve: (_root, { input }, { predictions, viewer }) =>
      predictions.resolve(signedIn(viewer), { predictionId: input.predictionId.id, outcomeId: input.outcomeId.id }),
  }),
);

builder.mutationField('cancelPrediction', (t) =>
  t.field({
    type: payload('CancelPredictionPayload', 'It is decided: the stakes come back within moments.'),
    description:
      'Calls an open or locked prediction off: everybody gets their stake back. For the host and moderators who have not staked.',
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: which('CancelPredictionInput', 'What cancelPrediction takes.'),
        required: true,
        description: 'Which prediction.',
      }),
    },
    errors: { types: moveErrors },
    resolve: (_root, { input }, { predictions, viewer }) => predictions.cancel(signedIn(viewer), input.predictionId.id),
  }),
);
