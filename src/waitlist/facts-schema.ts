import { factRef, factType } from '../feed/schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import { seatOffered } from './entries.ts';

export const SeatOffered = factRef(seatOffered).implement({
  ...factType(seatOffered),
  description: 'A seat is kept for the user, who waited for one. `acceptOffer` takes it. In their own feed.',
  fields: (t) => ({
    eventId: t.id({
      description: "The VideoEvent's global id.",
      resolve: ({ entry }) => encodeGlobalId('VideoEvent', entry.payload.eventId),
    }),
    title: t.string({ description: "The event's title.", resolve: ({ entry }) => entry.payload.title }),
    offeredUntil: t.field({
      type: 'DateTime',
      description: 'Until when it is kept.',
      resolve: ({ entry }) => new Date(entry.payload.offeredUntil),
    }),
  }),
});
