import { builder } from '../builder.ts';

export const EventStatusType = builder.enumType('EventStatus', {
  description:
    'Where an event stands: DRAFT, SCHEDULED, LIVE and INTERRUPTED in turns, ENDED; or CANCELLED before it went live.',
  values: {
    DRAFT: { description: 'Being prepared; only the host and moderators see it.' },
    SCHEDULED: { description: 'Announced; participants may join and chat.' },
    LIVE: { description: 'On air.' },
    INTERRUPTED: { description: 'Live, but the stream is broken off for the moment.' },
    ENDED: { description: 'Over.' },
    CANCELLED: { description: 'Called off before it went live.' },
  } as const,
});
