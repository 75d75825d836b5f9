import { User } from '../accounts/user-schema.ts';
import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { loadVideoEvent, VideoEvent } from '../events/video-event-schema.ts';
import './log-schema.ts';
import './sanction-schema.ts';

const moderatorInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({
      eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
      userId: t.globalID({ for: User, required: true, description: 'The User.' }),
    }),
  });

const moderatorPayload = (name: string, description: string) =>
  builder.objectRef<{ eventId: string; userId: string }>(name).implement({
    description,
    fields: (t) => ({
      videoEvent: t.prismaField({
        type: VideoEvent,
        description: 'The event as it is now.',
        resolve: (query, { eventId }, _args, context) => loadVideoEvent(query, eventId, context),
      }),
      user: t.prismaField({
        type: User,
        nullable: true,
        description: 'The user. Null only if the account went away meanwhile.',
        resolve: (query, { userId }, _args, { accounts }) => accounts.user(userId, query),
      }),
    }),
  });

builder.mutationField('appointModerator', (t) =>
  t.field({
    type: moderatorPayload('AppointModeratorPayload', 'The user is a moderator.'),
    description:
      'Makes a user a moderator of one event: they see it and all of its feed, remove and pin messages, time out and ban. For its host.',
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: moderatorInput('AppointModeratorInput', 'Whom to appoint.'),
        required: true,
        description: 'Whom to appoint.',
      }),
    },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError] },
    resolve: (_root, { input }, { moderation, viewer }) =>
      moderation.appoint(signedIn(viewer), { eventId: input.eventId.id, userId: input.userId.id }),
  }),
);

builder.mutationField('dismissModerator', (t) =>
  t.field({
    type: moderatorPayload('DismissModeratorPayload', 'The user is no moderator.'),
    description: 'Takes an appointment back. Who is no moderator stays none. For the host.',
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: moderatorInput('DismissModeratorInput', 'Whom to dismiss.'),
        required: true,
        description: 'Whom to dismiss.',
      }),
    },
    errors: { types: [NotFoundError, ForbiddenError] },
    resolve: (_root, { input }, { moderation, viewer }) =>
      moderation.dismiss(signedIn(viewer), { eventId: input.eventId.id, userId: input.userId.id }),
  }),
);
