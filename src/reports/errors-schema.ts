import { builder } from '../builder.ts';
import { errorType } from '../errors-schema.ts';
import { AlreadyResolvedError } from './errors.ts';
import { ReportResolutionType } from './resolution-schema.ts';

builder.objectType(AlreadyResolvedError, {
  ...errorType('AlreadyResolvedError', 'ALREADY_RESOLVED'),
  fields: (t) => ({
    resolution: t.field({
      type: ReportResolutionType,
      description: 'What was decided.',
      resolve: ({ resolution }) => resolution,
    }),
  }),
});
