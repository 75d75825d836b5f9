import { User } from '../accounts/user-schema.ts';
import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { IdempotencyConflictError } from '../feed/errors.ts';
import { encodeGlobalId } from '../global-id.ts';
import { IllegalTransitionError } from './errors.ts';
import './errors-schema.ts';
import type { Move } from './rules.ts';
import './query-schema.ts';
import { loadVideoEvent, VideoEvent } from './video-event-schema.ts';
import { EventVisibilityType } from './visibility-schema.ts';

const describe = {
  title: '1 to 200 characters.',
  description: 'At most 5,000 characters, in lines.',
  streamUrl: 'An https URL where the stream plays. Needed before the event goes live.',
  coverImageUrl: 'An https URL of a picture.',
  scheduledAt: 'When it is planned to go live.',
  capacity: 'Seats, 1 to 1,000,000; null: no limit.',
  visibility: 'Who finds and sees it.',
  slowModeSeconds: 'Seconds between two messages of a participant, 0 to 120; 0: off.',
  questionsPreModerated: 'Whether questions wait for a moderator before others see them.',
  allowedReactions: 'The emoji that `react` takes, 1 to 20 different ones, in the order in which you offer them.',
};

const CreateVideoEventInput = builder.inputType('CreateVideoEventInput', {
  description: 'A show to plan.',
  fields: (t) => ({
    title: t.string({ required: true, description: describe.title }),
    description: t.string({ description: `${describe.description} Default: empty.` }),
    streamUrl: t.string({ description: describe.streamUrl }),
    coverImageUrl: t.string({ description: describe.coverImageUrl }),
    scheduledAt: t.field({ type: 'DateTime', required: true, description: describe.scheduledAt }),
    capacity: t.int({ description: describe.capacity }),
    visibility: t.field({ type: EventVisibilityType, description: `${describe.visibility} Default: PUBLIC.` }),
    slowModeSeconds: t.int({ description: `${describe.slowModeSeconds} Default: 0.` }),
    questionsPreModerated: t.boolean({ description: `${describe.questionsPreModerated} Default: false.` }),
    allowedReactions: t.stringList({ description: `${describe.allowedReactions} Default: ❤️ 👏 😂 😮 🎉 🔥.` }),
    idempotencyKey: t.string({
      description:
        'At most 64 characters, yours to choose. The same key and input again within 24 h: the first event again.',
    }),
  }),
});

const UpdateVideoEventInput = builder.inputType('UpdateVideoEventInput', {
  description: 'What to change. A field that is not given stays as it is; null empties what can be empty.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
    title: t.string({ description: describe.title }),
    description: t.string({ description: describe.description }),
    streamUrl: t.string({ description: `${describe.streamUrl} Not taken away while it is on air.` }),
    coverImageUrl: t.string({ description: describe.coverImageUrl }),
    scheduledAt: t.field({ type: 'DateTime', description: `${describe.scheduledAt} Not once it is on air.` }),
    capacity: t.int({ description: `${describe.capacity} Not below the seats in use.` }),
    visibility: t.field({ type: EventVisibilityType, description: describe.visibility }),
    slowModeSeconds: t.int({ description: describe.slowModeSeconds }),
    questionsPreModerated: t.boolean({ description: describe.questionsPreModerated }),
    allowedReactions: t.stringList({ description: describe.allowedReactions }),
  }),
});

const payload = (name: string, description: string) =>
  builder.objectRef<{ eventId: string }>(name).implement({
    description,
    fields: (t) => ({
      videoEvent: t.prismaField({
        type: VideoEvent,
        description: 'The event as it is now.',
        resolve: (query, { eventId }, _args, context, info) => loadVideoEvent(query, eventId, context, info),
      }),
    }),
  });

builder.mutationField('createVideoEvent', (t) =>
  t.field({
    type: payload('CreateVideoEventPayload', 'The event is a draft.'),
    description: 'Plans a show. It is a DRAFT until it is scheduled. For accounts with the role HOST or ADMIN.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: CreateVideoEventInput, required: true, description: 'The show.' }) },
    errors: { types: [InvalidInputError, ForbiddenError, IdempotencyConflictError] },
    resolve: (_root, { input }, { events, viewer }) => events.create(signedIn(viewer), input),
  }),
);

builder.mutationField('updateVideoEvent', (t) =>
  t.field({
    type: payload('UpdateVideoEventPayload', 'The event was changed.'),
    description: 'Changes an event that is not over. For its host.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: UpdateVideoEventInput, required: true, description: 'The changes.' }) },
    errors: { types: [NotFoundError, ForbiddenError, IllegalTransitionError, InvalidInputError] },
    resolve: (_root, { input }, { events, viewer }) =>
      events.update(signedIn(viewer), { ...input, eventId: input.eventId.id }),
  }),
);

const moveErrors = [NotFoundError, ForbiddenError, IllegalTransitionError];
const eventMoves: { move: Move; description: string; outcome: string; errors?: typeof InvalidInputError }[] = [
  {
    move: 'schedule',
    description: 'Publishes a DRAFT: it is SCHEDULED, listed, and takes participants.',
    outcome: 'The event is SCHEDULED.',
  },
  {
    move: 'start',
    description: 'Puts a SCHEDULED event on air: it is LIVE. Needs a `streamUrl`.',
    outcome: 'The event is LIVE.',
    errors: InvalidInputError,
  },
  {
    move: 'interrupt',
    description: 'Says that the stream of a LIVE event broke off: it is INTERRUPTED.',
    outcome: 'The event is INTERRUPTED.',
  },
  {
    move: 'resume',
    description: 'Says that the stream of an INTERRUPTED event is back: it is LIVE.',
    outcome: 'The event is LIVE.',
  },
  {
    move: 'end',
    description: 'Ends a LIVE or INTERRUPTED event: it is ENDED for good.',
    outcome: 'The event is ENDED.',
  },
  {
    move: 'cancel',
    description:
      'Calls off an event that never went live: it is CANCELLED for good. A cancelled draft becomes PRIVATE.',
    outcome: 'The event is CANCELLED.',
  },
];

for (const { move, description, outcome, errors } of eventMoves) {
  const name = `${move.charAt(0).toUpperCase()}${move.slice(1)}VideoEvent`;
  const input = builder.inputType(`${name}Input`, {
    description: `What ${move}VideoEvent takes.`,
    fields: (t) => ({ eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }) }),
  });
  builder.mutationField(`${move}VideoEvent`, (t) =>
    t.field({
      type: payload(`${name}Payload`, outcome),
      description: `${description} For its host.`,
      authScopes: { signedIn: true },
      args: { input: t.arg({ type: input, required: true, description: 'Which event.' }) },
      errors: { types: errors === undefined ? moveErrors : [...moveErrors, errors] },
      resolve: (_root, { input }, { events, viewer }) => events.move(signedIn(viewer), input.eventId.id, move),
    }),
  );
}

const DeleteVideoEventInput = builder.inputType('DeleteVideoEventInput', {
  description: 'What deleteVideoEvent takes.',
  fields: (t) => ({ eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }) }),
});

const DeleteVideoEventPayload = builder.objectRef<{ eventId: string }>('DeleteVideoEventPayload').implement({
  description: 'The event is gone.',
  fields: (t) => ({
    eventId: t.id({
      description: 'The global id the VideoEvent had.',
      resolve: ({ eventId }) => encodeGlobalId('VideoEvent', eventId),
    }),
  }),
});

builder.mutationField('deleteVideoEvent', (t) =>
  t.field({
    type: DeleteVideoEventPayload,
    description:
      'Removes a draft, or a cancelled event that nobody ever joined. Everything else is cancelled or ended instead. For its host.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: DeleteVideoEventInput, required: true, description: 'Which event.' }) },
    errors: { types: moveErrors },
    resolve: (_root, { input }, { events, viewer }) => events.delete(signedIn(viewer), input.eventId.id),
  }),
);

const userLists = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({
      eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
      userIds: t.globalIDList({ for: User, required: true, description: '1 to 100 Users.' }),
    }),
  });

builder.mutationField('inviteToVideoEvent', (t) =>
  t.field({
    type: payload('InviteToVideoEventPayload', 'They are invited.'),
    description: 'Lets users see and join an event while it is PRIVATE. Who is invited already stays so. For its host.',
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: userLists('InviteToVideoEventInput', 'Whom to invite.'),
        required: true,
        description: 'Whom to invite.',
      }),
    },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError] },
    resolve: (_root, { input: { eventId, userIds } }, { events, viewer }) =>
      events.invite(signedIn(viewer), { eventId: eventId.id, userIds: userIds.map(({ id }) => id) }),
  }),
);

builder.mutationField('uninviteFromVideoEvent', (t) =>
  t.field({
    type: payload('UninviteFromVideoEventPayload', 'They are invited no more.'),
    description:
      'Takes invitations back. Of a PRIVATE event these users also lose their places, and their subscriptions to it end. For its host.',
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: userLists('UninviteFromVideoEventInput', 'Whom to invite no more.'),
        required: true,
        description: 'Whom to invite no more.',
      }),
    },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError] },
    resolve: (_root, { input: { eventId, userIds } }, { events, viewer }) =>
      events.uninvite(signedIn(viewer), { eventId: eventId.id, userIds: userIds.map(({ id }) => id) }),
  }),
);
