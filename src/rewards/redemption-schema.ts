import { User } from '../accounts/user-schema.ts';
import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { IdempotencyConflictError } from '../feed/errors.ts';
import type { RedemptionStatus } from '../generated/prisma/enums.ts';
import { encodeGlobalId } from '../global-id.ts';
import { SanctionedError } from '../moderation/errors.ts';
import { NotParticipantError } from '../participation/errors.ts';
import { visibleRedemptions } from './access.ts';
import { InsufficientPointsError, PerkUnavailableError, RedemptionSettledError } from './errors.ts';
import { perkText } from './perk-rules.ts';
import { Perk } from './perk-schema.ts';

export const RedemptionStatusType = builder.enumType('RedemptionStatus', {
  description: 'What became of a redemption.',
  values: {
    UNFULFILLED: { description: 'The host has yet to do their part.' },
    FULFILLED: { description: 'Done.' },
    CANCELLED: { description: 'It did not come to it, and the points were given back.' },
  } satisfies Record<RedemptionStatus, { description: string }>,
});

const Redemption = builder.prismaNode('Redemption', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleRedemptions(viewer)] }),
  description: "A perk that somebody took. Seen by the user, the event's host, its moderators and admins.",
  fields: (t) => ({
    perk: t.relation('perk', { description: 'What they took.' }),
    user: t.relation('user', { description: 'Who took it.' }),
    eventId: t.id({
      description: "The VideoEvent's global id.",
      resolve: ({ eventId }) => encodeGlobalId('VideoEvent', eventId),
    }),
    points: t.exposeInt('points', { description: 'What it cost then.' }),
    note: t.exposeString('note', { description: "The user's words to the host; may be empty." }),
    status: t.expose('status', { type: RedemptionStatusType, description: 'What became of it.' }),
    redeemedAt: t.expose('redeemedAt', { type: 'DateTime', description: "When, by the database's clock." }),
    settledAt: t.expose('settledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was fulfilled or cancelled; null: not yet.',
    }),
  }),
});

builder.prismaObjectField(VideoEvent, 'redemptions', (t) =>
  t.relatedConnection('redemptions', {
    type: Redemption,
    cursor: 'id',
    totalCount: true,
    args: { status: t.arg({ type: RedemptionStatusType, description: 'Only these.' }) },
    description:
      'Perks that were taken in the event, oldest first. The host, moderators and admins get all, others their own.',
    query: ({ status }, { viewer }) => ({
      where: { AND: [visibleRedemptions(viewer), { status: status ?? undefined }] },
      orderBy: [{ redeemedAt: 'asc' }, { id: 'asc' }],
    }),
  }),
);

builder.prismaObjectField(User, 'redemptions', (t) =>
  t.relatedConnection('redemptions', {
    type: Redemption,
    cursor: 'id',
    totalCount: true,
    description:
      'Perks that the user took, latest first. Of others a host or moderator gets what was taken in their events, anybody else nothing.',
    query: (_args, { viewer }) => ({
      where: visibleRedemptions(viewer),
      orderBy: [{ redeemedAt: 'desc' }, { id: 'desc' }],
    }),
  }),
);

const redemptionPayload = (name: string, description: string) =>
  builder.objectRef<{ redemptionId: string }>(name).implement({
    description,
    fields: (t) => ({
      redemption: t.prismaField({
        type: Redemption,
        description: 'The redemption as it is now.',
        resolve: (query, { redemptionId }, _args, { loader, viewer }) =>
          loader.redemption.findFirstOrThrow({
            ...query,
            where: { id: redemptionId, AND: [visibleRedemptions(viewer)] },
          }),
      }),
    }),
  });

const RedeemPerkInput = builder.inputType('RedeemPerkInput', {
  description: 'What redeemPerk takes.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent to take it in.' }),
    perkId: t.globalID({ for: Perk, required: true, description: "The Perk, of the event's host." }),
    note: t.string({ description: `To the host: at most ${perkText.note} characters.` }),
    idempotencyKey: t.string({
      description:
        'At most 64 characters of your choice. Sent again within 24 hours with the same input, the mutation answers as it did first and does nothing.',
    }),
  }),
});

builder.mutationField('redeemPerk', (t) =>
  t.field({
    type: redemptionPayload('RedeemPerkPayload', 'The points are spent, and the perk is the viewer’s.'),
    description:
      "Takes a perk for points with the event's host. For participants of an event that is open. What is refused costs nothing.",
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: RedeemPerkInput, required: true, description: 'What, and where.' }) },
    errors: {
      types: [
        NotFoundError,
        ForbiddenError,
        EventNotOpenError,
        NotParticipantError,
        SanctionedError,
        PerkUnavailableError,
        InsufficientPointsError,
        InvalidInputError,
        IdempotencyConflictError,
      ],
    },
    resolve: (_root, { input }, { rewards, viewer }) =>
      rewards.redeem(signedIn(viewer), { ...input, eventId: input.eventId.id, perkId: input.perkId.id }),
  }),
);

const redemptionInput = (name: string) =>
  builder.inputType(name, {
    description: 'Which redemption.',
    fields: (t) => ({
      redemptionId: t.globalID({ for: Redemption, required: true, description: 'The Redemption.' }),
    }),
  });
const settled = [NotFoundError, ForbiddenError, RedemptionSettledError];

builder.mutationField('fulfilRedemption', (t) =>
  t.field({
    type: redemptionPayload('FulfilRedemptionPayload', 'It is done.'),
    description: "Says that the user got what they paid for. For the event's host and admins.",
    authScopes: { signedIn: true },
    args: {
      input: t.arg({ type: redemptionInput('FulfilRedemptionInput'), required: true, description: 'Which one.' }),
    },
    errors: { types: settled },
    resolve: (_root, { input }, { rewards, viewer }) => rewards.fulfil(signedIn(viewer), input.redemptionId.id),
  }),
);

builder.mutationField('cancelRedemption', (t) =>
  t.field({
    type: redemptionPayload('CancelRedemptionPayload', 'The user has their points again.'),
    description: "Gives the points back, and the piece to the stock. For the event's host and admins.",
    authScopes: { signedIn: true },
    args: {
      input: t.arg({ type: redemptionInput('CancelRedemptionInput'), required: true, description: 'Which one.' }),
    },
    errors: { types: settled },
    resolve: (_root, { input }, { rewards, viewer }) => rewards.cancel(signedIn(viewer), input.redemptionId.id),
  }),
);
