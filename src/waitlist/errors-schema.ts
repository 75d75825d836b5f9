import { builder } from '../builder.ts';
import { errorType } from '../errors-schema.ts';
import { NoOfferError, NotFullError, OfferExpiredError } from './errors.ts';

builder.objectType(NotFullError, errorType('NotFullError', 'NOT_FULL'));
builder.objectType(NoOfferError, errorType('NoOfferError', 'NO_OFFER'));

builder.objectType(OfferExpiredError, {
  ...errorType('OfferExpiredError', 'OFFER_EXPIRED'),
  fields: (t) => ({
    offeredUntil: t.expose('offeredUntil', { type: 'DateTime', description: 'When the offer ended.' }),
  }),
});
