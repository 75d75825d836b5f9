import { ProfileType } from '../accounts/profile-schema.ts';
import { factRef, factType } from '../feed/schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import { participantJoined, participantLeft } from './entries.ts';

const describe = {
  participantId: "The Participant's global id.",
  user: 'Who.',
};

export const ParticipantJoined = factRef(participantJoined).implement({
  ...factType(participantJoined),
  description: 'Somebody took a place. For the host and moderators.',
  fields: (t) => ({
    participantId: t.id({
      description: describe.participantId,
      resolve: ({ entry }) => encodeGlobalId('Participant', entry.payload.participantId),
    }),
    user: t.field({ type: ProfileType, description: describe.user, resolve: ({ entry }) => entry.payload.actor }),
    firstTime: t.boolean({
      description: 'False: they had left and came back.',
      resolve: ({ entry }) => entry.payload.firstTime,
    }),
  }),
});

export const ParticipantLeft = factRef(participantLeft).implement({
  ...factType(participantLeft),
  description: 'Somebody gave their place up. For the host and moderators.',
  fields: (t) => ({
    participantId: t.id({
      description: describe.participantId,
      resolve: ({ entry }) => encodeGlobalId('Participant', entry.payload.participantId),
    }),
    user: t.field({ type: ProfileType, description: describe.user, resolve: ({ entry }) => entry.payload.actor }),
  }),
});
