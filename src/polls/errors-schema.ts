import { builder } from '../builder.ts';
import { errorType } from '../errors-schema.ts';
import { AlreadyVotedError, PollStatusError } from './errors.ts';
import { PollStatusType } from './status-schema.ts';

builder.objectType(PollStatusError, {
  ...errorType('PollStatusError', 'POLL_STATUS'),
  fields: (t) => ({
    pollStatus: t.field({
      type: PollStatusType,
      description: "The poll's present status.",
      resolve: ({ pollStatus }) => pollStatus,
    }),
  }),
});

builder.objectType(AlreadyVotedError, errorType('AlreadyVotedError', 'ALREADY_VOTED'));
