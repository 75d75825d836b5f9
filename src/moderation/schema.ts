import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import './errors-schema.ts';
import './log-schema.ts';
import { personInput, personPayload } from './person-schema.ts';
import './sanction-schema.ts';

builder.mutationField('appointModerator', (t) =>
  t.field({
    type: personPayload('AppointModeratorPayload', 'The user is a moderator.'),
    description:
      'Makes a user a moderator of one event: they see it and all of its feed, remove and pin messages, time out and ban. For its host.',
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: personInput('AppointModeratorInput', 'Whom to appoint.'),
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
    type: personPayload('DismissModeratorPayload', 'The user is no moderator.'),
    description: 'Takes an appointment back. Who is no moderator stays none. For the host.',
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: personInput('DismissModeratorInput', 'Whom to dismiss.'),
        required: true,
        description: 'Whom to dismiss.',
      }),
    },
    errors: { types: [NotFoundError, ForbiddenError] },
    resolve: (_root, { input }, { moderation, viewer }) =>
      moderation.dismiss(signedIn(viewer), { eventId: input.eventId.id, userId: input.userId.id }),
  }),
);
