import { builder } from '../builder.ts';

export const PredictionStatusType = builder.enumType('PredictionStatus', {
  description: 'Where a prediction stands. It goes from one to the next and never back.',
  values: {
    OPEN: { description: 'Participants stake points.' },
    LOCKED: { description: 'No more stakes: the event shows how it ends.' },
    RESOLVED: { description: 'It is known what came true: whoever staked on that shares the pot.' },
    CANCELLED: { description: 'Nothing came of it: everybody gets their stake back.' },
  } as const,
});
