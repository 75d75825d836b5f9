import { builder } from '../builder.ts';
import { errorType } from '../errors-schema.ts';
import { CapacityError, NotParticipantError } from './errors.ts';

builder.objectType(CapacityError, {
  ...errorType('CapacityError', 'CAPACITY_REACHED'),
  fields: (t) => ({ capacity: t.exposeInt('capacity', { description: 'Seats the event has.' }) }),
});

builder.objectType(NotParticipantError, errorType('NotParticipantError', 'NOT_PARTICIPANT'));
