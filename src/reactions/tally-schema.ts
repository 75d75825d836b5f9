import { builder } from '../builder.ts';
import { factRef, factType } from '../feed/schema.ts';
import { type ReactionCount, reactionsCounted } from './entries.ts';
import type { ReactionTally } from './tallies.ts';

const emoji = 'One emoji.';

export const ReactionTallyType = builder.objectRef<ReactionTally>('ReactionTally').implement({
  description: 'How often an event was reacted to with an emoji.',
  fields: (t) => ({
    emoji: t.exposeString('emoji', { description: emoji }),
    total: t.expose('total', { type: 'SafeInt', description: 'How often, in all.' }),
  }),
});

const ReactionCountType = builder.objectRef<ReactionCount>('ReactionCount').implement({
  description: 'How often an event was reacted to with an emoji within a stretch of time.',
  fields: (t) => ({
    emoji: t.exposeString('emoji', { description: emoji }),
    count: t.expose('count', { type: 'SafeInt', description: 'How often since the ReactionsCounted before.' }),
    total: t.expose('total', { type: 'SafeInt', description: 'How often up to now, in all.' }),
  }),
});

export const ReactionsCounted = factRef(reactionsCounted).implement({
  ...factType(reactionsCounted),
  description:
    'What was reacted in about the second before. One a second while there are reactions; at the latest before the event ends. For replays: live, `videoEventPulse` is faster.',
  fields: (t) => ({
    tallies: t.field({
      type: [ReactionCountType],
      description: 'Of each emoji that was used meanwhile.',
      resolve: ({ entry }) => entry.payload.tallies,
    }),
  }),
});
