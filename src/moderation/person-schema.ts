import { User } from '../accounts/user-schema.ts';
import { builder } from '../builder.ts';
import { loadVideoEvent, VideoEvent } from '../events/video-event-schema.ts';

/** What mutations about one person in one event take and give. */

export const personInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({
      eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
      userId: t.globalID({ for: User, required: true, description: 'The User.' }),
    }),
  });

export const personPayload = (name: string, description: string) =>
  builder.objectRef<{ eventId: string; userId: string }>(name).implement({
    description,
    fields: (t) => ({
      videoEvent: t.prismaField({
        type: VideoEvent,
        description: 'The event as it is now.',
        resolve: (query, { eventId }, _args, context, info) => loadVideoEvent(query, eventId, context, info),
      }),
      user: t.prismaField({
        type: User,
        nullable: true,
        description: 'The user. Null only if the account went away meanwhile.',
        resolve: (query, { userId }, _args, { accounts }) => accounts.user(userId, query),
      }),
    }),
  });
