import { builder } from '../builder.ts';
import { errorType } from '../errors-schema.ts';
import { QuestionStatusError, TooManyQuestionsError } from './errors.ts';
import { QuestionStatusType } from './status-schema.ts';

builder.objectType(TooManyQuestionsError, {
  ...errorType('TooManyQuestionsError', 'TOO_MANY_QUESTIONS'),
  fields: (t) => ({ limit: t.exposeInt('limit', { description: 'Questions of one participant that may wait.' }) }),
});

builder.objectType(QuestionStatusError, {
  ...errorType('QuestionStatusError', 'QUESTION_STATUS'),
  fields: (t) => ({
    questionStatus: t.field({
      type: QuestionStatusType,
      description: "The question's present status.",
      resolve: ({ questionStatus }) => questionStatus,
    }),
  }),
});
