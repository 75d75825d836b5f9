import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { InvalidInputError, NotFoundError } from '../errors.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { IdempotencyConflictError } from '../feed/errors.ts';
import { encodeGlobalId } from '../global-id.ts';
import { SanctionedError } from '../moderation/errors.ts';
import { NotParticipantError } from '../participation/errors.ts';
import { ReactionNotAllowedError } from './errors.ts';
import './errors-schema.ts';
import type { Reacted } from './reactions.ts';
import { ReactionTallyType } from './tally-schema.ts';

builder.prismaObjectField(VideoEvent, 'reactions', (t) =>
  t.field({
    type: [ReactionTallyType],
    description:
      'How often it was reacted to with each emoji so far. Emoji that nobody used are left out. Live in `videoEventPulse`.',
    select: { tallies: { select: { emoji: true, total: true }, orderBy: { emoji: 'asc' } } },
    resolve: ({ tallies }) => tallies.map(({ emoji, total }) => ({ emoji, total: Number(total) })),
  }),
);

const ReactInput = builder.inputType('ReactInput', {
  description: 'A reaction.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent that is on air.' }),
    emoji: t.string({ required: true, description: "One of the event's `allowedReactions`." }),
    count: t.int({
      description: 'How often: taps that you collect for a moment and send together, 1 to 10. Default: 1.',
    }),
    idempotencyKey: t.string({
      description:
        'At most 64 characters, yours to choose. The same key and input again within 24 h is not counted again.',
    }),
  }),
});

const ReactPayload = builder.objectRef<Reacted>('ReactPayload').implement({
  description: 'It is counted. What it adds up to comes with `videoEventPulse`.',
  fields: (t) => ({
    eventId: t.id({
      description: "The VideoEvent's global id.",
      resolve: ({ eventId }) => encodeGlobalId('VideoEvent', eventId),
    }),
    emoji: t.exposeString('emoji', { description: 'What was counted.' }),
    count: t.exposeInt('count', { description: 'How often.' }),
  }),
});

builder.mutationField('react', (t) =>
  t.field({
    type: ReactPayload,
    description:
      'Reacts to an event on air that the viewer has joined. Every reaction is counted, none is shown singly. At most 20 a second for each user.',
    authScopes: { signedIn: true },
    // Not of the mutations' share: a minute's would be gone in one moment of applause.
    extensions: { rateLimit: 'reaction' },
    args: { input: t.arg({ type: ReactInput, required: true, description: 'The reaction.' }) },
    errors: {
      types: [
        NotFoundError,
        InvalidInputError,
        EventNotOpenError,
        NotParticipantError,
        SanctionedError,
        ReactionNotAllowedError,
        IdempotencyConflictError,
      ],
    },
    resolve: (_root, { input }, { reactions, viewer }) =>
      reactions.react(signedIn(viewer), { ...input, eventId: input.eventId.id }),
  }),
);
