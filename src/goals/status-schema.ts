import { builder } from '../builder.ts';

export const GoalMetricType = builder.enumType('GoalMetric', {
  description: 'What counts towards a goal: what everybody did in the event since it was set.',
  values: {
    REACTIONS: { description: 'Reactions, each tap.' },
    MESSAGES: { description: 'Messages in the chat, removed ones too.' },
    VOTES: { description: 'Votes in polls; one that is changed counts again.' },
    QUESTIONS: { description: 'Questions that were asked.' },
  } as const,
});

export const GoalStatusType = builder.enumType('GoalStatus', {
  description: 'Where a goal stands.',
  values: {
    OPEN: { description: 'The crowd is at it.' },
    REACHED: { description: 'Its last level was reached.' },
    CLOSED: { description: 'The event was over before.' },
    CANCELLED: { description: 'The host called it off. What was reached by then stays reached.' },
  } as const,
});
