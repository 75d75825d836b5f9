import { User } from '../accounts/user-schema.ts';
import { builder } from '../builder.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import type { RewardKind } from '../generated/prisma/enums.ts';
import { encodeGlobalId } from '../global-id.ts';
import { visibleRewards, visibleWallets } from './access.ts';

const kinds: Record<RewardKind, { description: string }> = {
  GRANTED: { description: 'The host gave points.' },
  REVOKED: { description: 'The host took points back.' },
  SPENT: { description: 'The user took a perk: `reason` is its title.' },
  EARNED: { description: 'Participation paid by a rule of the host: `reason` is its title.' },
  REFUNDED: { description: 'A redemption was cancelled, and its points came back: `reason` is the title of the perk.' },
  STAKED: { description: 'The user staked them on a prediction: `reason` is its title.' },
  WON: { description: 'The user predicted what came true, and got their share of the pot: `reason` is the title.' },
  GOAL: { description: 'The crowd reached a level of a goal while the user was present: `reason` is its title.' },
  STAKE_RETURNED: {
    description: 'A prediction was cancelled, or nobody was right: the stake came back. `reason` is the title.',
  },
};
export const RewardKindType = builder.enumType('RewardKind', {
  description: "What changed a user's points.",
  values: kinds,
});

const Wallet = builder.prismaNode('Wallet', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleWallets(viewer)] }),
  description:
    "A user's points with one host: earned in the host's events, and spent there. Seen by the user, the host and admins.",
  fields: (t) => ({
    user: t.relation('user', { description: 'Whose points they are.' }),
    host: t.relation('host', { description: 'With whom they count.' }),
    balance: t.field({
      type: 'SafeInt',
      description: 'Points to spend, never below 0.',
      select: { balance: true },
      resolve: ({ balance }) => Number(balance),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the first points came.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the balance last changed.' }),
  }),
});

export const Reward = builder.prismaNode('Reward', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleRewards(viewer)] }),
  description:
    'One line of the ledger: points that a user was given, lost or spent. It never changes. Seen by the user, the host and admins.',
  fields: (t) => ({
    user: t.relation('user', { description: 'Whose points.' }),
    wallet: t.relation('wallet', { description: 'The wallet that it changed.' }),
    eventId: t.id({
      description: 'The global id of the VideoEvent in which it was.',
      resolve: ({ eventId }) => encodeGlobalId('VideoEvent', eventId),
    }),
    kind: t.expose('kind', { type: RewardKindType, description: 'What it was.' }),
    points: t.exposeInt('points', { description: 'How many: below 0 they were taken or spent; never 0.' }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Why, to show the user; null: nobody said.',
    }),
    actor: t.relation('actor', { nullable: true, description: 'Who gave or took them by hand; null: nobody did.' }),
    timestamp: t.expose('timestamp', { type: 'DateTime', description: "When, by the database's clock." }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was written down.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'The same: it never changes.' }),
  }),
});

builder.prismaObjectFields(User, (t) => ({
  wallets: t.relatedConnection('wallets', {
    type: Wallet,
    cursor: 'id',
    totalCount: true,
    description:
      "The user's points, one wallet for each host. Of others a host gets the wallet with themselves, anybody else none.",
    query: (_args, { viewer }) => ({ where: visibleWallets(viewer), orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] }),
  }),
  rewards: t.relatedConnection('rewards', {
    type: Reward,
    cursor: 'id',
    totalCount: true,
    description:
      "The user's ledger, latest first. Of others a host gets what came from themselves, anybody else nothing.",
    query: (_args, { viewer }) => ({
      where: visibleRewards(viewer),
      orderBy: [{ timestamp: 'desc' }, { id: 'desc' }],
    }),
  }),
}));

builder.prismaObjectField(VideoEvent, 'rewards', (t) =>
  t.relatedConnection('rewards', {
    type: Reward,
    cursor: 'id',
    totalCount: true,
    description: 'What the event paid, latest first. The host and admins get all, others their own.',
    query: (_args, { viewer }) => ({
      where: visibleRewards(viewer),
      orderBy: [{ timestamp: 'desc' }, { id: 'desc' }],
    }),
  }),
);
