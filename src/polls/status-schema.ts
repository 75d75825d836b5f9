import { builder } from '../builder.ts';

export const PollStatusType = builder.enumType('PollStatus', {
  description: 'Where a poll stands. It goes from one to the next and never back.',
  values: {
    DRAFT: { description: 'In preparation. Seen by the host and moderators only.' },
    OPEN: { description: 'Participants vote.' },
    CLOSED: { description: 'No more votes; the tally is final, and everybody sees it.' },
    ARCHIVED: { description: 'Put away. Seen by the host and moderators only.' },
  } as const,
});

export const PollResultsType = builder.enumType('PollResults', {
  description:
    'When the audience sees how the votes stand. The host and moderators always do. Who chose what nobody sees.',
  values: {
    ALWAYS: { description: 'At any time; the pulse carries the tally while the poll is open.' },
    AFTER_VOTE: { description: 'Each as soon as they have voted, and everybody once the poll is closed.' },
    AFTER_CLOSE: { description: 'Once the poll is closed.' },
  } as const,
});
