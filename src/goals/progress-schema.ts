import { builder } from '../builder.ts';
import { encodeGlobalId } from '../global-id.ts';
import type { GoalProgress } from './entries.ts';

export const GoalProgressType = builder.objectRef<GoalProgress>('GoalProgress').implement({
  description: 'How far the crowd is with a goal.',
  fields: (t) => ({
    goalId: t.id({ description: "The Goal's global id.", resolve: ({ goalId }) => encodeGlobalId('Goal', goalId) }),
    progress: t.expose('progress', { type: 'SafeInt', description: 'Counted since the goal was set.' }),
  }),
});
