import { builder } from '../builder.ts';
import type { Fact } from '../feed/entry.ts';
import { factRef, factType } from '../feed/schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import {
  type PredictionSnapshot,
  type PredictionTotals,
  predictionCancelled,
  predictionLocked,
  predictionOpened,
  predictionResolved,
} from './entries.ts';
import { PredictionStatusType } from './status-schema.ts';
import { PredictionTotalsType } from './totals-schema.ts';

const instant = (text: string | null): Date | null => (text === null ? null : new Date(text));

const PredictionOutcomeSnapshot = builder
  .objectRef<PredictionSnapshot['outcomes'][number]>('PredictionOutcomeSnapshot')
  .implement({
    description: 'One way in which a prediction can end. It does not change.',
    fields: (t) => ({
      outcomeId: t.id({
        description: "The PredictionOutcome's global id.",
        resolve: ({ outcomeId }) => encodeGlobalId('PredictionOutcome', outcomeId),
      }),
      title: t.exposeString('title', { description: '1 to 80 characters.' }),
    }),
  });

const PredictionSnapshotType = builder.objectRef<PredictionSnapshot>('PredictionSnapshot').implement({
  description: 'A prediction as it was when a fact was stated. The fields mean what they mean on Prediction.',
  fields: (t) => ({
    predictionId: t.id({
      description: "The Prediction's global id.",
      resolve: ({ predictionId }) => encodeGlobalId('Prediction', predictionId),
    }),
    title: t.exposeString('title', { description: 'What is to be predicted, 1 to 120 characters.' }),
    status: t.expose('status', { type: PredictionStatusType, description: 'Where it stands.' }),
    outcomes: t.field({
      type: [PredictionOutcomeSnapshot],
      description: 'How it can end, in their order.',
      resolve: ({ outcomes }) => [...outcomes],
    }),
    locksAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it locks by itself; null: when somebody locks it.',
      resolve: ({ locksAt }) => instant(locksAt),
    }),
    lockedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was locked; null before.',
      resolve: ({ lockedAt }) => instant(lockedAt),
    }),
    settledAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was resolved or cancelled; null before.',
      resolve: ({ settledAt }) => instant(settledAt),
    }),
    winningOutcomeId: t.id({
      nullable: true,
      description: 'The global id of the PredictionOutcome that came true; null: it was not resolved.',
      resolve: ({ winningOutcomeId }) =>
        winningOutcomeId === null ? null : encodeGlobalId('PredictionOutcome', winningOutcomeId),
    }),
  }),
});

const plainFact = <Kind extends string>(fact: Fact<Kind, { prediction: PredictionSnapshot }>, description: string) =>
  factRef(fact).implement({
    ...factType(fact),
    description,
    fields: (t) => ({
      prediction: t.field({
        type: PredictionSnapshotType,
        description: 'The prediction.',
        resolve: ({ entry }) => entry.payload.prediction,
      }),
    }),
  });

const countedFact = <Kind extends string>(
  fact: Fact<Kind, { prediction: PredictionSnapshot; totals: PredictionTotals }>,
  description: string,
) =>
  factRef(fact).implement({
    ...factType(fact),
    description,
    fields: (t) => ({
      prediction: t.field({
        type: PredictionSnapshotType,
        description: 'The prediction.',
        resolve: ({ entry }) => entry.payload.prediction,
      }),
      totals: t.field({
        type: PredictionTotalsType,
        description: 'The final totals. They hold every stake there is.',
        resolve: ({ entry }) => entry.payload.totals,
      }),
    }),
  });

export const PredictionOpened = plainFact(predictionOpened, 'A prediction was opened: participants may stake points.');

export const PredictionLocked = countedFact(
  predictionLocked,
  'A prediction takes no more stakes: by somebody, by its time, or because the event has ended: then just before that is told.',
);

export const PredictionResolved = countedFact(
  predictionResolved,
  'It is known what came true. Whoever staked on that shares the pot, and is told in their own feed once it is in their wallet; where nobody did, everybody gets their stake back.',
);

export const PredictionCancelled = plainFact(
  predictionCancelled,
  'Nothing comes of a prediction: everybody gets their stake back, and is told in their own feed.',
);
