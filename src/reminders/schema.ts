import { User } from '../accounts/user-schema.ts';
import { seesPrivate } from '../accounts/visibility.ts';
import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { NotFoundError } from '../errors.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { NotParticipantError } from '../participation/errors.ts';
import { Participant } from '../participation/participant-schema.ts';

builder.prismaObjectField(User, 'remindersOn', (t) =>
  t.boolean({
    nullable: true,
    select: { id: true, remindersOn: true },
    description:
      'Whether the user is reminded of events that begin soon. Null unless the viewer is this user or an administrator.',
    resolve: ({ id, remindersOn }, _args, { viewer }) => (seesPrivate(viewer, id) ? remindersOn : null),
  }),
);

builder.prismaObjectField(Participant, 'remindersMuted', (t) =>
  t.boolean({
    nullable: true,
    select: { userId: true, remindersMuted: true },
    description:
      'Whether the user is not reminded of this event. Null unless the viewer is this user or an administrator.',
    resolve: ({ userId, remindersMuted }, _args, { viewer }) => (seesPrivate(viewer, userId) ? remindersMuted : null),
  }),
);

const MuteRemindersInput = builder.inputType('MuteRemindersInput', {
  description: 'What muteReminders takes.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
    muted: t.boolean({ required: true, description: 'True: no reminders of this event. Default of places: false.' }),
  }),
});

const MuteRemindersPayload = builder.objectRef<{ participantId: string }>('MuteRemindersPayload').implement({
  description: 'Reminders of the event are muted or not.',
  fields: (t) => ({
    participant: t.prismaField({
      type: Participant,
      description: "The viewer's place.",
      resolve: async (query, { participantId }, _args, { participation, viewer }) => {
        const place = await participation.find(viewer, participantId, query);
        if (place === null) throw new NotFoundError('Participant');
        return place;
      },
    }),
  }),
});

builder.mutationField('muteReminders', (t) =>
  t.field({
    type: MuteRemindersPayload,
    description:
      'Mutes the reminders of one event that the viewer takes part in or hosts, or takes that back. Without `remindersOn` of the account there are none anyway.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: MuteRemindersInput, required: true, description: 'Which event, and whether.' }) },
    errors: { types: [NotFoundError, EventNotOpenError, NotParticipantError] },
    resolve: (_root, { input }, { reminders, viewer }) =>
      reminders.mute(signedIn(viewer), { ...input, eventId: input.eventId.id }),
  }),
);
