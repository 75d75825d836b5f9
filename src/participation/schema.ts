import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { loadVideoEvent, VideoEvent } from '../events/video-event-schema.ts';
import { IdempotencyConflictError } from '../feed/errors.ts';
import { SanctionedError } from '../moderation/errors.ts';
import { CapacityError } from './errors.ts';
import './errors-schema.ts';
import { Participant } from './participant-schema.ts';

const JoinVideoEventInput = builder.inputType('JoinVideoEventInput', {
  description: 'What joinVideoEvent takes.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
    idempotencyKey: t.string({
      description:
        'At most 64 characters, yours to choose. The same key and input again within 24 h: the first answer again. Joining twice is harmless without one, too.',
    }),
  }),
});

const JoinVideoEventPayload = builder
  .objectRef<{ participantId: string; eventId: string }>('JoinVideoEventPayload')
  .implement({
    description: 'The viewer holds a place.',
    fields: (t) => ({
      participant: t.prismaField({
        type: Participant,
        description: "The viewer's place.",
        resolve: async (query, { participantId }, _args, { participation, viewer }) => {
          const place = await participation.find(viewer, participantId, query);
          if (place === null) throw new NotFoundError('Participant');
          return place;
        },
      }),
      videoEvent: t.prismaField({
        type: VideoEvent,
        description: 'The event as it is now.',
        resolve: (query, { eventId }, _args, context, info) => loadVideoEvent(query, eventId, context, info),
      }),
    }),
  });

builder.mutationField('joinVideoEvent', (t) =>
  t.field({
    type: JoinVideoEventPayload,
    description:
      'Takes a place in a SCHEDULED, LIVE or INTERRUPTED event. Whoever holds one keeps it; whoever left comes back to theirs. A PRIVATE event needs an invitation.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: JoinVideoEventInput, required: true, description: 'Which event.' }) },
    errors: {
      types: [
        NotFoundError,
        EventNotOpenError,
        CapacityError,
        SanctionedError,
        InvalidInputError,
        IdempotencyConflictError,
      ],
    },
    resolve: (_root, { input }, { participation, viewer }) =>
      participation.join(signedIn(viewer), { ...input, eventId: input.eventId.id }),
  }),
);

const LeaveVideoEventInput = builder.inputType('LeaveVideoEventInput', {
  description: 'What leaveVideoEvent takes.',
  fields: (t) => ({ eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }) }),
});

const LeaveVideoEventPayload = builder.objectRef<{ eventId: string }>('LeaveVideoEventPayload').implement({
  description: 'The viewer holds no place.',
  fields: (t) => ({
    participant: t.prismaField({
      type: Participant,
      nullable: true,
      description:
        'The place that was left. Null if there never was one, or if the viewer sees the event no more: a PRIVATE one without an invitation.',
      resolve: (query, { eventId }, _args, { participation, viewer }) =>
        participation.findOwn(signedIn(viewer), eventId, query),
    }),
  }),
});

builder.mutationField('leaveVideoEvent', (t) =>
  t.field({
    type: LeaveVideoEventPayload,
    description: 'Gives the place up and frees the seat. Without a place nothing changes. The host cannot leave.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: LeaveVideoEventInput, required: true, description: 'Which event.' }) },
    errors: { types: [NotFoundError, ForbiddenError] },
    resolve: (_root, { input }, { participation, viewer }) =>
      participation.leave(signedIn(viewer), { eventId: input.eventId.id }),
  }),
);
