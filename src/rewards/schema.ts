import { User } from '../accounts/user-schema.ts';
import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { IdempotencyConflictError } from '../feed/errors.ts';
import { visibleRewards } from './access.ts';
import { InsufficientPointsError } from './errors.ts';
import './errors-schema.ts';
import './perk-schema.ts';
import './redemption-schema.ts';
import './rule-schema.ts';
import { longestReason, pointsAtATime } from './rules.ts';
import { Reward } from './wallet-schema.ts';

const describe = {
  points: `How many: ${pointsAtATime.least} to ${pointsAtATime.most.toLocaleString('en')}.`,
  reason: `Why, for the user to read: 1 to ${longestReason} characters.`,
  idempotencyKey:
    'At most 64 characters of your choice. Sent again within 24 hours with the same input, the mutation answers as it did first and does nothing.',
};

const rewardInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({
      eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
      userId: t.globalID({ for: User, required: true, description: 'Whom: somebody who joined it.' }),
      points: t.int({ required: true, description: describe.points }),
      reason: t.string({ required: true, description: describe.reason }),
      idempotencyKey: t.string({ description: describe.idempotencyKey }),
    }),
  });

const rewardPayload = (name: string, description: string) =>
  builder.objectRef<{ rewardId: string }>(name).implement({
    description,
    fields: (t) => ({
      reward: t.prismaField({
        type: Reward,
        description: 'The line in the ledger.',
        resolve: (query, { rewardId }, _args, { loader, viewer }) =>
          loader.reward.findFirstOrThrow({ ...query, where: { id: rewardId, AND: [visibleRewards(viewer)] } }),
      }),
    }),
  });

builder.mutationField('grantReward', (t) =>
  t.field({
    type: rewardPayload('GrantRewardPayload', 'The points are in the wallet.'),
    description: 'Gives points to somebody who joined the event. For its host; nobody gives any to themselves.',
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: rewardInput('GrantRewardInput', 'What grantReward takes.'),
        required: true,
        description: 'Whom, and how many.',
      }),
    },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError, IdempotencyConflictError] },
    resolve: (_root, { input }, { rewards, viewer }) =>
      rewards.grant(signedIn(viewer), { ...input, eventId: input.eventId.id, userId: input.userId.id }),
  }),
);

builder.mutationField('revokeReward', (t) =>
  t.field({
    type: rewardPayload('RevokeRewardPayload', 'The points are gone from the wallet.'),
    description: 'Takes points back from somebody, whatever they were given for. For the host.',
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: rewardInput('RevokeRewardInput', 'What revokeReward takes.'),
        required: true,
        description: 'Whose, and how many.',
      }),
    },
    errors: {
      types: [NotFoundError, ForbiddenError, InvalidInputError, InsufficientPointsError, IdempotencyConflictError],
    },
    resolve: (_root, { input }, { rewards, viewer }) =>
      rewards.revoke(signedIn(viewer), { ...input, eventId: input.eventId.id, userId: input.userId.id }),
  }),
);

const RewardFilter = builder.inputType('RewardFilter', {
  description: 'Who gets points: whoever fits all that is given.',
  fields: (t) => ({
    engagementType: t.string({ description: 'Only those who did this at least once, as in EngagementLog: MESSAGE.' }),
    minSecondsWatched: t.int({ description: 'Only those who were seen to watch for so long, in seconds.' }),
    stillHere: t.boolean({ description: 'True: only those who have not left the event.' }),
  }),
});

const GrantRewardsInput = builder.inputType('GrantRewardsInput', {
  description: 'What grantRewards takes.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
    points: t.int({ required: true, description: describe.points }),
    reason: t.string({ required: true, description: describe.reason }),
    filter: t.field({ type: RewardFilter, description: 'Who. Without it: everybody who joined so far.' }),
    idempotencyKey: t.string({ description: describe.idempotencyKey }),
  }),
});

const GrantRewardsPayload = builder.objectRef<{ eventId: string }>('GrantRewardsPayload').implement({
  description: 'It is decided: the points follow within moments, to each once.',
  fields: (t) => ({
    videoEvent: t.prismaField({
      type: VideoEvent,
      description: 'The event; its `rewards` tell how far it is.',
      resolve: (query, { eventId }, _args, { loader }) =>
        loader.videoEvent.findUniqueOrThrow({ ...query, where: { id: eventId } }),
    }),
  }),
});

builder.mutationField('grantRewards', (t) =>
  t.field({
    type: GrantRewardsPayload,
    description: 'Gives points to many who joined the event so far, the host and the caller left out. For its host.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: GrantRewardsInput, required: true, description: 'Whom, and how many.' }) },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError, IdempotencyConflictError] },
    resolve: (_root, { input }, { rewards, viewer }) =>
      rewards.grantMany(signedIn(viewer), { ...input, eventId: input.eventId.id }),
  }),
);
