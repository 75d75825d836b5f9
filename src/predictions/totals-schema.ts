import { builder } from '../builder.ts';
import { encodeGlobalId } from '../global-id.ts';
import type { PredictionTotals } from './entries.ts';

const PredictionOutcomeTotal = builder
  .objectRef<PredictionTotals['outcomes'][number]>('PredictionOutcomeTotal')
  .implement({
    description: 'How much is staked on an outcome.',
    fields: (t) => ({
      outcomeId: t.id({
        description: "The PredictionOutcome's global id.",
        resolve: ({ outcomeId }) => encodeGlobalId('PredictionOutcome', outcomeId),
      }),
      points: t.expose('points', { type: 'SafeInt', description: 'Points that were staked on it.' }),
      stakers: t.exposeInt('stakers', { description: 'Participants who staked on it.' }),
    }),
  });

export const PredictionTotalsType = builder.objectRef<PredictionTotals>('PredictionTotals').implement({
  description: 'How much is staked on what in a prediction. Added up from the stakes, each time anew.',
  fields: (t) => ({
    predictionId: t.id({
      description: "The Prediction's global id.",
      resolve: ({ predictionId }) => encodeGlobalId('Prediction', predictionId),
    }),
    pot: t.expose('pot', { type: 'SafeInt', description: 'All points that were staked: what the winners share.' }),
    stakers: t.exposeInt('stakers', { description: 'Participants who staked.' }),
    outcomes: t.field({
      type: [PredictionOutcomeTotal],
      description: "Every outcome, in the prediction's order.",
      resolve: ({ outcomes }) => [...outcomes],
    }),
  }),
});
