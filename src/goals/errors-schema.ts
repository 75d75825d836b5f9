import { builder } from '../builder.ts';
import { errorType } from '../errors-schema.ts';
import { GoalStatusError } from './errors.ts';
import { GoalStatusType } from './status-schema.ts';

builder.objectType(GoalStatusError, {
  ...errorType('GoalStatusError', 'GOAL_STATUS'),
  fields: (t) => ({
    goalStatus: t.field({
      type: GoalStatusType,
      description: "The goal's present status.",
      resolve: ({ goalStatus }) => goalStatus,
    }),
  }),
});
