import { builder } from '../builder.ts';
import { errorType } from '../errors-schema.ts';
import { AlreadyStakedError, PredictionStatusError } from './errors.ts';
import { PredictionStatusType } from './status-schema.ts';

builder.objectType(PredictionStatusError, {
  ...errorType('PredictionStatusError', 'PREDICTION_STATUS'),
  fields: (t) => ({
    predictionStatus: t.field({
      type: PredictionStatusType,
      description: "The prediction's present status.",
      resolve: ({ predictionStatus }) => predictionStatus,
    }),
  }),
});

builder.objectType(AlreadyStakedError, errorType('AlreadyStakedError', 'ALREADY_STAKED'));
