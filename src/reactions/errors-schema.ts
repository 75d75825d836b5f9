import { builder } from '../builder.ts';
import { errorType } from '../errors-schema.ts';
import { ReactionNotAllowedError } from './errors.ts';

builder.objectType(ReactionNotAllowedError, {
  ...errorType('ReactionNotAllowedError', 'REACTION_NOT_ALLOWED'),
  fields: (t) => ({
    allowed: t.stringList({ description: 'What the event allows.', resolve: ({ allowed }) => [...allowed] }),
  }),
});
