import { builder } from '../builder.ts';

export const QuestionStatusType = builder.enumType('QuestionStatus', {
  description: 'Where a question stands.',
  values: {
    PENDING: { description: 'Waits for approval. Its author and moderators see it.' },
    APPROVED: { description: 'Everybody who sees the event sees it, and participants upvote it.' },
    ANSWERED: { description: 'Was answered, in writing or live. Everybody still sees it.' },
    DISMISSED: { description: 'A moderator put it aside. Its author and moderators see it.' },
    WITHDRAWN: {
      description: 'Its author took it back. Its text is gone; author and moderators see that it was there.',
    },
  } as const,
});
