import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { IdempotencyConflictError } from '../feed/errors.ts';
import { encodeGlobalId } from '../global-id.ts';
import { SanctionedError } from '../moderation/errors.ts';
import { NotParticipantError } from '../participation/errors.ts';
import { AlreadyVotedError, PollStatusError } from './errors.ts';
import './errors-schema.ts';
import type { Lifecycle } from './lifecycle.ts';
import { Poll, PollChoice } from './poll-schema.ts';
import { PollResultsType } from './status-schema.ts';

const describe = {
  title: 'The question, 1 to 120 characters.',
  choices: '2 to 10 texts of 1 to 80 characters, no two the same, in the order in which they are shown.',
  durationSeconds: 'Seconds it is open once opened, 15 to 86,400; null: until it is closed.',
  maxChoices: 'How many of the choices one ballot may have, 1 to all of them.',
  changeable: 'Whether participants may change their ballot while the poll is open.',
  results: 'When the audience sees how the votes stand.',
};

const CreatePollInput = builder.inputType('CreatePollInput', {
  description: 'A poll to prepare.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
    title: t.string({ required: true, description: describe.title }),
    choices: t.stringList({ required: true, description: describe.choices }),
    durationSeconds: t.int({ description: describe.durationSeconds }),
    maxChoices: t.int({ description: `${describe.maxChoices} Default: 1.` }),
    changeable: t.boolean({ description: `${describe.changeable} Default: they may not.` }),
    results: t.field({ type: PollResultsType, description: `${describe.results} Default: ALWAYS.` }),
    idempotencyKey: t.string({
      description:
        'At most 64 characters, yours to choose. The same key and input again within 24 h: the first poll again.',
    }),
  }),
});

const UpdatePollInput = builder.inputType('UpdatePollInput', {
  description: 'What to change in a draft. A field that is not given stays as it is.',
  fields: (t) => ({
    pollId: t.globalID({ for: Poll, required: true, description: 'The Poll.' }),
    title: t.string({ description: describe.title }),
    choices: t.stringList({ description: `${describe.choices} All of them are replaced, and get new ids.` }),
    durationSeconds: t.int({ description: describe.durationSeconds }),
    maxChoices: t.int({ description: describe.maxChoices }),
    changeable: t.boolean({ description: describe.changeable }),
    results: t.field({ type: PollResultsType, description: describe.results }),
  }),
});

const payload = (name: string, description: string) =>
  builder.objectRef<{ pollId: string }>(name).implement({
    description,
    fields: (t) => ({
      poll: t.prismaField({
        type: Poll,
        description: 'The poll as it is now.',
        resolve: (query, { pollId }, _args, { polls, viewer }) => polls.get(viewer, pollId, query),
      }),
    }),
  });

builder.mutationField('createPoll', (t) =>
  t.field({
    type: payload('CreatePollPayload', 'The poll is a draft.'),
    description: 'Prepares a poll. It is a DRAFT until it is opened. For the host and moderators.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: CreatePollInput, required: true, description: 'The poll.' }) },
    errors: {
      types: [NotFoundError, ForbiddenError, EventNotOpenError, InvalidInputError, IdempotencyConflictError],
    },
    resolve: (_root, { input }, { polls, viewer }) =>
      polls.create(signedIn(viewer), { ...input, eventId: input.eventId.id }),
  }),
);

const moveErrors = [NotFoundError, ForbiddenError, PollStatusError];

builder.mutationField('updatePoll', (t) =>
  t.field({
    type: payload('UpdatePollPayload', 'The draft was changed.'),
    description: 'Changes a draft. Once it was opened a poll does not change. For the host and moderators.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: UpdatePollInput, required: true, description: 'The changes.' }) },
    errors: { types: [...moveErrors, InvalidInputError] },
    resolve: (_root, { input }, { polls, viewer }) =>
      polls.update(signedIn(viewer), { ...input, pollId: input.pollId.id }),
  }),
);

const which = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({ pollId: t.globalID({ for: Poll, required: true, description: 'The Poll.' }) }),
  });

interface MoveField {
  move: keyof Lifecycle;
  outcome: string;
  description: string;
  more?: readonly (typeof EventNotOpenError | typeof InvalidInputError)[];
}

const moveFields: Readonly<Record<string, MoveField>> = {
  openPoll: {
    move: 'open',
    outcome: 'Participants may vote.',
    description:
      'Opens a draft, while the event is scheduled or on air. At most 10 polls of an event are open at a time.',
    more: [EventNotOpenError, InvalidInputError],
  },
  closePoll: {
    move: 'close',
    outcome: 'The tally is final.',
    description: 'Closes an open poll before its time, or without one.',
  },
  archivePoll: {
    move: 'archive',
    outcome: 'The audience does not see the poll any longer.',
    description: 'Puts a closed poll away.',
  },
};

for (const [field, { move, outcome, description, more = [] }] of Object.entries(moveFields)) {
  const name = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
  const input = which(`${name}Input`, `What ${field} takes.`);
  builder.mutationField(field, (t) =>
    t.field({
      type: payload(`${name}Payload`, outcome),
      description: `${description} For the host and moderators.`,
      authScopes: { signedIn: true },
      args: { input: t.arg({ type: input, required: true, description: 'Which poll.' }) },
      errors: { types: [...moveErrors, ...more] },
      resolve: (_root, { input }, { polls, viewer }) => polls[move](signedIn(viewer), input.pollId.id),
    }),
  );
}

builder.mutationField('deletePoll', (t) =>
  t.field({
    type: builder.objectRef<{ pollId: string }>('DeletePollPayload').implement({
      description: 'The draft is gone.',
      fields: (t) => ({
        pollId: t.id({
          description: 'The global id the Poll had.',
          resolve: ({ pollId }) => encodeGlobalId('Poll', pollId),
        }),
      }),
    }),
    description: 'Removes a draft. What was opened is archived instead. For the host and moderators.',
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: which('DeletePollInput', 'What deletePoll takes.'),
        required: true,
        description: 'Which poll.',
      }),
    },
    errors: { types: moveErrors },
    resolve: (_root, { input }, { polls, viewer }) => polls.delete(signedIn(viewer), input.pollId.id),
  }),
);

const VoteInput = builder.inputType('VoteInput', {
  description: 'A ballot.',
  fields: (t) => ({
    pollId: t.globalID({ for: Poll, required: true, description: 'The Poll.' }),
    choiceIds: t.globalIDList({
      for: PollChoice,
      required: true,
      description: 'PollChoices of this poll, at least one and at most `maxChoices`.',
    }),
    idempotencyKey: t.string({
      description: 'At most 64 characters, yours to choose. The same key and input again within 24 h count once.',
    }),
  }),
});

builder.mutationField('vote', (t) =>
  t.field({
    type: payload('VotePayload', 'The ballot counts.'),
    description:
      'Votes in an open poll of an event the viewer has joined, or changes their vote where the poll allows. Nobody else sees what they chose.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: VoteInput, required: true, description: 'The ballot.' }) },
    errors: {
      types: [
        NotFoundError,
        InvalidInputError,
        PollStatusError,
        NotParticipantError,
        SanctionedError,
        AlreadyVotedError,
        IdempotencyConflictError,
      ],
    },
    resolve: (_root, { input }, { polls, viewer }) =>
      polls.vote(signedIn(viewer), {
        pollId: input.pollId.id,
        choiceIds: input.choiceIds.map(({ id }) => id),
        idempotencyKey: input.idempotencyKey,
      }),
  }),
);
