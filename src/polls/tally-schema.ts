import { builder } from '../builder.ts';
import { encodeGlobalId } from '../global-id.ts';
import type { PollTally } from './entries.ts';

const PollChoiceTally = builder.objectRef<PollTally['choices'][number]>('PollChoiceTally').implement({
  description: 'How often a choice was chosen.',
  fields: (t) => ({
    choiceId: t.id({
      description: "The PollChoice's global id.",
      resolve: ({ choiceId }) => encodeGlobalId('PollChoice', choiceId),
    }),
    votes: t.exposeInt('votes', { description: 'Ballots that have it.' }),
  }),
});

export const PollTallyType = builder.objectRef<PollTally>('PollTally').implement({
  description: 'How the votes in a poll stand. Counted from the ballots, each time anew.',
  fields: (t) => ({
    pollId: t.id({ description: "The Poll's global id.", resolve: ({ pollId }) => encodeGlobalId('Poll', pollId) }),
    ballots: t.exposeInt('ballots', {
      description: 'Participants who voted. Where several choices are allowed the votes may be more.',
    }),
    choices: t.field({
      type: [PollChoiceTally],
      description: "Every choice, in the poll's order.",
      resolve: ({ choices }) => [...choices],
    }),
  }),
});
