import { builder } from '../builder.ts';

export const EventVisibilityType = builder.enumType('EventVisibility', {
  description: 'Who finds and sees an event once it is no draft.',
  values: {
    PUBLIC: { description: 'Listed for everybody, guests too.' },
    UNLISTED: {
      description: 'Whoever has its id sees it; lists show it to its host, moderators and participants only.',
    },
    PRIVATE: { description: 'For the invited and present participants only.' },
  } as const,
});
