import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { InvalidInputError, NotFoundError } from '../errors.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { loadVideoEvent, VideoEvent } from '../events/video-event-schema.ts';
import { IdempotencyConflictError } from '../feed/errors.ts';
import { SanctionedError } from '../moderation/errors.ts';
import { Participant } from '../participation/participant-schema.ts';
import { NoOfferError, NotFullError, OfferExpiredError } from './errors.ts';
import './entry-schema.ts';
import './errors-schema.ts';

const describe = {
  eventId: 'The VideoEvent.',
  idempotencyKey:
    'At most 64 characters, yours to choose. The same key and input again within 24 h: the first answer again.',
  videoEvent: 'The event as it is now.',
};

const JoinWaitlistInput = builder.inputType('JoinWaitlistInput', {
  description: 'What joinWaitlist takes.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: describe.eventId }),
    idempotencyKey: t.string({ description: describe.idempotencyKey }),
  }),
});

const JoinWaitlistPayload = builder.objectRef<{ eventId: string }>('JoinWaitlistPayload').implement({
  description: 'The viewer waits for a seat, is offered one, or holds one.',
  fields: (t) => ({
    videoEvent: t.prismaField({
      type: VideoEvent,
      description: 'The event as it is now: `viewerWaitlistEntry` tells how the viewer stands.',
      resolve: (query, { eventId }, _args, context, info) => loadVideoEvent(query, eventId, context, info),
    }),
    participant: t.prismaField({
      type: Participant,
      nullable: true,
      description: "The viewer's place, held or left; null if they never had one.",
      resolve: (query, { eventId }, _args, { participation, viewer }) =>
        participation.findOwn(signedIn(viewer), eventId, query),
    }),
  }),
});

builder.mutationField('joinWaitlist', (t) =>
  t.field({
    type: JoinWaitlistPayload,
    description:
      'Waits for a seat in a full event. The first to come is the first to be offered one, by SeatOffered in `myFeed`. Who waits already keeps their turn, and who holds a place keeps that.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: JoinWaitlistInput, required: true, description: 'Which event.' }) },
    errors: {
      types: [
        NotFoundError,
        EventNotOpenError,
        NotFullError,
        SanctionedError,
        InvalidInputError,
        IdempotencyConflictError,
      ],
    },
    resolve: (_root, { input }, { waitlist, viewer }) =>
      waitlist.join(signedIn(viewer), { ...input, eventId: input.eventId.id }),
  }),
);

const AcceptOfferInput = builder.inputType('AcceptOfferInput', {
  description: 'What acceptOffer takes.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: describe.eventId }),
    idempotencyKey: t.string({ description: describe.idempotencyKey }),
  }),
});

const AcceptOfferPayload = builder
  .objectRef<{ participantId: string; eventId: string }>('AcceptOfferPayload')
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
        description: describe.videoEvent,
        resolve: (query, { eventId }, _args, context, info) => loadVideoEvent(query, eventId, context, info),
      }),
    }),
  });

builder.mutationField('acceptOffer', (t) =>
  t.field({
    type: AcceptOfferPayload,
    description:
      'Takes the seat that is kept for the viewer, as joinVideoEvent does, too. Who holds a place already keeps it.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: AcceptOfferInput, required: true, description: 'Which event.' }) },
    errors: {
      types: [
        NotFoundError,
        EventNotOpenError,
        NoOfferError,
        OfferExpiredError,
        SanctionedError,
        InvalidInputError,
        IdempotencyConflictError,
      ],
    },
    resolve: (_root, { input }, { participation, viewer }) =>
      participation.acceptOffer(signedIn(viewer), { ...input, eventId: input.eventId.id }),
  }),
);

const LeaveWaitlistInput = builder.inputType('LeaveWaitlistInput', {
  description: 'What leaveWaitlist takes.',
  fields: (t) => ({ eventId: t.globalID({ for: VideoEvent, required: true, description: describe.eventId }) }),
});

const LeaveWaitlistPayload = builder.objectRef<{ eventId: string }>('LeaveWaitlistPayload').implement({
  description: 'The viewer does not wait.',
  fields: (t) => ({
    videoEvent: t.prismaField({
      type: VideoEvent,
      description: describe.videoEvent,
      resolve: (query, { eventId }, _args, context, info) => loadVideoEvent(query, eventId, context, info),
    }),
  }),
});

builder.mutationField('leaveWaitlist', (t) =>
  t.field({
    type: LeaveWaitlistPayload,
    description: 'Waits no longer, or declines the offer: the next in line gets it. Without either nothing changes.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: LeaveWaitlistInput, required: true, description: 'Which event.' }) },
    errors: { types: [NotFoundError] },
    resolve: (_root, { input }, { waitlist, viewer }) =>
      waitlist.leave(signedIn(viewer), { eventId: input.eventId.id }),
  }),
);
