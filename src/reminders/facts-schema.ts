import { factRef, factType } from '../feed/schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import { videoEventReminded } from './entries.ts';

export const VideoEventReminded = factRef(videoEventReminded).implement({
  ...factType(videoEventReminded),
  description: 'An event that the user takes part in, or hosts, begins soon. In their own feed.',
  fields: (t) => ({
    eventId: t.id({
      description: "The VideoEvent's global id.",
      resolve: ({ entry }) => encodeGlobalId('VideoEvent', entry.payload.eventId),
    }),
    title: t.string({ description: "The event's title.", resolve: ({ entry }) => entry.payload.title }),
    scheduledAt: t.field({
      type: 'DateTime',
      description: 'When it is planned to go live.',
      resolve: ({ entry }) => new Date(entry.payload.scheduledAt),
    }),
    minutesBefore: t.int({
      description: 'Which reminder it is, in minutes before the event: 1440, 60 or 5.',
      resolve: ({ entry }) => entry.payload.minutesBefore,
    }),
  }),
});
