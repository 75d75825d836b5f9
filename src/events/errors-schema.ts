import { builder } from '../builder.ts';
import { errorType } from '../errors-schema.ts';
import { EventNotOpenError, IllegalTransitionError } from './errors.ts';
import { EventStatusType } from './status-schema.ts';

for (const [type, name, code] of [
  [IllegalTransitionError, 'IllegalTransitionError', 'ILLEGAL_TRANSITION'],
  [EventNotOpenError, 'EventNotOpenError', 'EVENT_NOT_OPEN'],
] as const) {
  builder.objectType(type, {
    ...errorType(name, code),
    fields: (t) => ({
      status: t.field({
        type: EventStatusType,
        description: "The event's present status.",
        resolve: ({ status }) => status,
      }),
    }),
  });
}
