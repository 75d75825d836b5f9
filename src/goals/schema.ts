import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { IdempotencyConflictError } from '../feed/errors.ts';
import { GoalStatusError } from './errors.ts';
import './errors-schema.ts';
import { Goal } from './goal-schema.ts';
import { goalLimits, mostOpenGoals } from './rules.ts';
import { GoalMetricType } from './status-schema.ts';

const said = (limit: { least: number; most: number }): string => `${limit.least} to ${limit.most.toLocaleString('en')}`;

const GoalLevelInput = builder.inputType('GoalLevelInput', {
  description: 'One step of a goal.',
  fields: (t) => ({
    target: t.int({ required: true, description: `What the progress has to come to: ${said(goalLimits.target)}.` }),
    points: t.int({
      required: true,
      description: `What everybody gets who is present then: ${said(goalLimits.points)}.`,
    }),
  }),
});

const CreateGoalInput = builder.inputType('CreateGoalInput', {
  description: 'A goal to set.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
    title: t.string({ required: true, description: 'What it is called, 1 to 120 characters.' }),
    metric: t.field({ type: GoalMetricType, required: true, description: 'What counts.' }),
    levels: t.field({
      type: [GoalLevelInput],
      required: true,
      description: '1 to 5 steps, each with a higher target than the one before it.',
    }),
    idempotencyKey: t.string({
      description:
        'At most 64 characters of your choice. Sent again within 24 hours with the same input, the mutation answers as it did first and does nothing.',
    }),
  }),
});

const payload = (name: string, description: string) =>
  builder.objectRef<{ goalId: string }>(name).implement({
    description,
    fields: (t) => ({
      goal: t.prismaField({
        type: Goal,
        description: 'The goal as it is now.',
        resolve: (query, { goalId }, _args, { goals, viewer }) => goals.get(viewer, goalId, query),
      }),
    }),
  });

builder.mutationField('createGoal', (t) =>
  t.field({
    type: payload('CreateGoalPayload', 'It counts from now on.'),
    description: `Sets a goal for the crowd, while the event is scheduled or on air. At most ${mostOpenGoals} of an event are open at a time; they close with it. For its host.`,
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: CreateGoalInput, required: true, description: 'The goal.' }) },
    errors: {
      types: [NotFoundError, ForbiddenError, EventNotOpenError, InvalidInputError, IdempotencyConflictError],
    },
    resolve: (_root, { input }, { goals, viewer }) =>
      goals.create(signedIn(viewer), { ...input, eventId: input.eventId.id }),
  }),
);

const CancelGoalInput = builder.inputType('CancelGoalInput', {
  description: 'What cancelGoal takes.',
  fields: (t) => ({ goalId: t.globalID({ for: Goal, required: true, description: 'The Goal.' }) }),
});

builder.mutationField('cancelGoal', (t) =>
  t.field({
    type: payload('CancelGoalPayload', 'Nothing counts towards it any more.'),
    description: 'Calls an open goal off. What was reached by then stays reached, and paid. For the host.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: CancelGoalInput, required: true, description: 'Which goal.' }) },
    errors: { types: [NotFoundError, ForbiddenError, GoalStatusError] },
    resolve: (_root, { input }, { goals, viewer }) => goals.cancel(signedIn(viewer), input.goalId.id),
  }),
);
