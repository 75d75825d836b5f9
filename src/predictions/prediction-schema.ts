import { builder } from '../builder.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import { PredictionStatusType } from './status-schema.ts';
import { PredictionTotalsType } from './totals-schema.ts';

export const PredictionOutcome = builder.prismaNode('PredictionOutcome', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { predictions, viewer }) => ({ id, AND: [{ prediction: predictions.visible(viewer) }] }),
  description: 'One way in which a prediction can end.',
  fields: (t) => ({
    title: t.exposeString('title', { description: '1 to 80 characters; no two of a prediction are the same.' }),
  }),
});

interface ViewerStake {
  outcomeId: string;
  points: bigint;
  payout: bigint | null;
  paidAt: Date | null;
  createdAt: Date;
}

const PredictionStake = builder.objectRef<ViewerStake>('PredictionStake').implement({
  description: "The viewer's stake in a prediction. Nobody else can read it.",
  fields: (t) => ({
    outcomeId: t.id({
      description: 'The global id of the PredictionOutcome they staked on.',
      resolve: ({ outcomeId }) => encodeGlobalId('PredictionOutcome', outcomeId),
    }),
    points: t.field({
      type: 'SafeInt',
      description: 'All points that they staked.',
      resolve: ({ points }) => Number(points),
    }),
    payout: t.field({
      type: 'SafeInt',
      nullable: true,
      description:
        'Points that come back to them: their share of the pot, or their stake; 0: they were wrong. Null until that is decided.',
      resolve: ({ payout }) => (payout === null ? null : Number(payout)),
    }),
    paidAt: t.expose('paidAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When these were in their wallet; null before, and where there are none.',
    }),
    stakedAt: t.expose('createdAt', { type: 'DateTime', description: 'When they first staked.' }),
  }),
});

const inOrder = { orderBy: { position: 'asc' } } as const;

export const Prediction = builder.prismaNode('Prediction', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { predictions, viewer }) => ({ id, AND: [predictions.visible(viewer)] }),
  description:
    'What will happen in an event, and the points that participants staked on it. Seen by whoever sees the event.',
  fields: (t) => ({
    eventId: t.id({
      description: "The VideoEvent's global id.",
      select: { eventId: true },
      resolve: ({ eventId }) => encodeGlobalId('VideoEvent', eventId),
    }),
    title: t.exposeString('title', { description: 'What is to be predicted, 1 to 120 characters.' }),
    status: t.expose('status', { type: PredictionStatusType, description: 'Where it stands.' }),
    outcomes: t.relation('outcomes', { query: inOrder, description: 'How it can end, 2 to 10, in their order.' }),
    winningOutcome: t.relation('winner', {
      nullable: true,
      description: 'What came true; null: it was not resolved.',
    }),
    locksAt: t.expose('locksAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it locks by itself; null: when somebody locks it.',
    }),
    lockedAt: t.expose('lockedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was locked; null before. It locks with its event at the latest.',
    }),
    settledAt: t.expose('settledAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When it was resolved or cancelled; null before. A day after it was locked it is cancelled at the latest.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was opened.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last moved on.' }),
    totals: t.field({
      type: PredictionTotalsType,
      select: { id: true },
      description: 'How much is staked on what. Live in `videoEventPulse` while it is open.',
      resolve: ({ id }, _args, { predictions }) => predictions.totals(id),
    }),
    viewerStake: t.field({
      type: PredictionStake,
      nullable: true,
      description: "The viewer's own stake; null if they have none, and for guests.",
      select: (_args, { viewer }) => ({
        stakes: { where: { userId: { in: viewer === null ? [] : [viewer.id] } }, take: 1 },
      }),
      resolve: ({ stakes: [stake] }) => stake ?? null,
    }),
  }),
});

builder.prismaObjectField(VideoEvent, 'predictions', (t) =>
  t.relatedConnection('predictions', {
    type: Prediction,
    cursor: 'id',
    totalCount: true,
    description: 'Its predictions, latest first.',
    args: {
      status: t.arg({
        type: [PredictionStatusType],
        description: 'Only predictions in one of these. Without it: all.',
      }),
    },
    query: ({ status }, { predictions, viewer }) => ({
      where: { AND: [predictions.visible(viewer), status == null ? {} : { status: { in: status } }] },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    }),
  }),
);
