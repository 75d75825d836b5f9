import { ProfileType } from '../accounts/profile-schema.ts';
import type { Fact } from '../feed/entry.ts';
import { factRef, factType } from '../feed/schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import { pointsChanged } from './entries.ts';
import { perkRedeemed, redemptionCancelled, redemptionFulfilled, type Taken } from './perk-entries.ts';
import { RewardKindType } from './wallet-schema.ts';

export const PointsChanged = factRef(pointsChanged).implement({
  ...factType(pointsChanged),
  description: 'The user was given points, lost or spent some. In their own feed.',
  fields: (t) => ({
    rewardId: t.id({
      description: "The Reward's global id.",
      resolve: ({ entry }) => encodeGlobalId('Reward', entry.payload.rewardId),
    }),
    hostId: t.id({
      description: 'The global id of the User with whom they count.',
      resolve: ({ entry }) => encodeGlobalId('User', entry.payload.hostId),
    }),
    eventId: t.id({
      description: 'The global id of the VideoEvent in which it was.',
      resolve: ({ entry }) => encodeGlobalId('VideoEvent', entry.payload.eventId),
    }),
    kind: t.field({ type: RewardKindType, description: 'What it was.', resolve: ({ entry }) => entry.payload.kind }),
    points: t.int({
      description: 'How many: below 0 they were taken or spent.',
      resolve: ({ entry }) => entry.payload.points,
    }),
    rewardReason: t.string({
      nullable: true,
      description: 'Why, to show the user; null: nobody said.',
      resolve: ({ entry }) => entry.payload.reason,
    }),
    balance: t.field({
      type: 'SafeInt',
      description: "What the wallet holds since then. Points that were committed together count in each other's.",
      resolve: ({ entry }) => entry.payload.balance,
    }),
  }),
});

const describe = {
  redemptionId: "The Redemption's global id.",
  eventId: "The VideoEvent's global id.",
  perkId: "The Perk's global id.",
  title: "The perk's title.",
  points: 'What it cost then.',
};

export const PerkRedeemed = factRef(perkRedeemed).implement({
  ...factType(perkRedeemed),
  description: 'Somebody took a perk. For the host and moderators.',
  fields: (t) => ({
    redemptionId: t.id({
      description: describe.redemptionId,
      resolve: ({ entry }) => encodeGlobalId('Redemption', entry.payload.redemptionId),
    }),
    eventId: t.id({
      description: describe.eventId,
      resolve: ({ entry }) => encodeGlobalId('VideoEvent', entry.payload.eventId),
    }),
    perkId: t.id({
      description: describe.perkId,
      resolve: ({ entry }) => encodeGlobalId('Perk', entry.payload.perkId),
    }),
    title: t.string({ description: describe.title, resolve: ({ entry }) => entry.payload.title }),
    points: t.int({ description: describe.points, resolve: ({ entry }) => entry.payload.points }),
    user: t.field({ type: ProfileType, description: 'Who.', resolve: ({ entry }) => entry.payload.actor }),
    note: t.string({
      description: 'Their words to the host; may be empty.',
      resolve: ({ entry }) => entry.payload.note,
    }),
  }),
});

const settledFact = <Kind extends string>(fact: Fact<Kind, Taken>, description: string) =>
  factRef(fact).implement({
    ...factType(fact),
    description,
    fields: (t) => ({
      redemptionId: t.id({
        description: describe.redemptionId,
        resolve: ({ entry }) => encodeGlobalId('Redemption', entry.payload.redemptionId),
      }),
      eventId: t.id({
        description: describe.eventId,
        resolve: ({ entry }) => encodeGlobalId('VideoEvent', entry.payload.eventId),
      }),
      perkId: t.id({
        description: describe.perkId,
        resolve: ({ entry }) => encodeGlobalId('Perk', entry.payload.perkId),
      }),
      title: t.string({ description: describe.title, resolve: ({ entry }) => entry.payload.title }),
      points: t.int({ description: describe.points, resolve: ({ entry }) => entry.payload.points }),
    }),
  });

export const RedemptionFulfilled = settledFact(
  redemptionFulfilled,
  "The host did what a perk promised. In the event's feed for the host and moderators, and in the user's own.",
);
export const RedemptionCancelled = settledFact(
  redemptionCancelled,
  'A redemption was cancelled and its points came back. In the same feeds as RedemptionFulfilled.',
);
