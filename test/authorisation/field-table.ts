import type { Stage } from './stage.ts';
import type { Verdicts } from './viewers.ts';

export interface TypeRow {
  /** Where an object of the type is found in an answer to `query($id: ID!)`, with `SELECTION` for what is asked of it. */
  path: string;
  about: (stage: Stage) => string;
  /** `value`, `null`, for a connection how many nodes there are, or `hidden` where the viewer does not reach the object. */
  fields: Readonly<Record<string, Verdicts>>;
}

const always: Verdicts = { others: 'value' };
const never: Verdicts = { others: 'null' };
/** What the participant's place leads to: they themselves, and who keeps the event. */
const place: Verdicts = { participant: 'value', moderator: 'value', host: 'value', admin: 'value', others: 'hidden' };
const kept: Verdicts = { moderator: 'value', host: 'value', admin: 'value', others: 'hidden' };
const keptNull: Verdicts = { moderator: 'null', host: 'null', admin: 'null', others: 'hidden' };
/** What is the user's own, and administrators'. */
const personal: Verdicts = { participant: 'value', admin: 'value', others: 'null' };

const node = (type: string) => `node(id: $id) { ... on ${type} SELECTION }`;

/** Every field of what can be read, in a public event that has ended: it has a value of everything. */
export const fields: Readonly<Record<string, TypeRow>> = {
  EngagementLog: {
    path: node('EngagementLog'),
    about: ({ engagementId }) => engagementId,
    fields: {
      createdAt: place,
      engagementTime: place,
      engagementType: place,
      event: place,
      id: place,
      participant: place,
      updatedAt: place,
    },
  },
  EventInvite: {
    path: 'node(id: $id) { ... on VideoEvent { invites { edges { node SELECTION } } } }',
    about: ({ eventId }) => eventId,
    fields: {
      createdAt: { host: 'value', admin: 'value', others: 'hidden' },
      user: { host: 'value', admin: 'value', others: 'hidden' },
    },
  },
  Message: {
    path: node('Message'),
    about: ({ ownMessageId }) => ownMessageId,
    fields: {
      author: always,
      eventId: always,
      id: always,
      removedBy: never,
      replyToId: always,
      sentAt: always,
      sequence: always,
      text: always,
    },
  },
  'Message that was removed': {
    path: node('Message'),
    about: ({ removedMessageId }) => removedMessageId,
    fields: {
      author: always,
      eventId: always,
      id: always,
      removedBy: always,
      replyToId: never,
      sentAt: always,
      sequence: always,
      text: never,
    },
  },
  ModerationAction: {
    path: node('ModerationAction'),
    about: ({ actionId }) => actionId,
    fields: { actor: kept, createdAt: kept, id: kept, kind: kept, messageId: keptNull, reason: kept, user: kept },
  },
  Participant: {
    path: node('Participant'),
    about: ({ participantId }) => participantId,
    fields: {
      createdAt: place,
      // To have joined, and said something.
      engagements: { participant: '2', moderator: '2', host: '2', admin: '2', others: 'hidden' },
      event: place,
      id: place,
      joinedAt: place,
      leftAt: { participant: 'null', moderator: 'null', host: 'null', admin: 'null', others: 'hidden' },
      updatedAt: place,
      user: place,
    },
  },
  Profile: {
    path: 'node(id: $id) { ... on Message { author SELECTION } }',
    about: ({ messageId }) => messageId,
    fields: { avatarUrl: always, displayName: always, userId: always, username: always },
  },
  Sanction: {
    path: node('Sanction'),
    about: ({ sanctionId }) => sanctionId,
    fields: {
      event: kept,
      id: kept,
      imposedAt: kept,
      imposedBy: kept,
      kind: kept,
      liftedAt: keptNull,
      reason: kept,
      until: keptNull,
      user: kept,
    },
  },
  SanctionTerms: {
    path: 'videoEvent(id: $id) { viewerSanction SELECTION }',
    about: ({ eventId }) => eventId,
    fields: {
      kind: { banned: 'value', others: 'hidden' },
      reason: { banned: 'value', others: 'hidden' },
      until: { banned: 'null', others: 'hidden' },
    },
  },
  Session: {
    path: node('Session'),
    about: ({ as }) => as.participant.signedIn.sessionId,
    fields: {
      createdAt: { participant: 'value', admin: 'value', others: 'hidden' },
      current: { participant: 'value', admin: 'value', others: 'hidden' },
      device: { participant: 'value', admin: 'value', others: 'hidden' },
      expiresAt: { participant: 'value', admin: 'value', others: 'hidden' },
      id: { participant: 'value', admin: 'value', others: 'hidden' },
      lastUsedAt: { participant: 'value', admin: 'value', others: 'hidden' },
    },
  },
  User: {
    path: node('User'),
    about: ({ as }) => as.participant.id,
    fields: {
      avatarUrl: always,
      createdAt: always,
      displayName: always,
      email: personal,
      emailVerifiedAt: personal,
      feedCursor: { participant: 'value', others: 'null' },
      id: always,
      participations: { participant: '1', moderator: '1', host: '1', admin: '1', others: '0' },
      role: always,
      updatedAt: always,
      username: always,
    },
  },
  VideoEvent: {
    path: 'videoEvent(id: $id) SELECTION',
    about: ({ eventId }) => eventId,
    fields: {
      capacity: always,
      coverImageUrl: always,
      createdAt: always,
      description: always,
      endedAt: always,
      feedCursor: always,
      host: always,
      id: always,
      invites: { host: '2', admin: '2', others: '0' },
      messages: { others: '3' },
      moderationLog: { moderator: '3', host: '3', admin: '3', others: '0' },
      moderators: always,
      participantCount: always,
      participants: { participant: '1', banned: '1', moderator: '3', host: '3', admin: '3', others: '0' },
      pinnedMessage: always,
      sanctions: { moderator: '1', host: '1', admin: '1', others: '0' },
      scheduledAt: always,
      slowModeSeconds: always,
      startedAt: always,
      status: always,
      streamUrl: always,
      title: always,
      updatedAt: always,
      viewerParticipation: { participant: 'value', banned: 'value', others: 'null' },
      viewerSanction: { banned: 'value', others: 'null' },
      viewerStanding: always,
      visibility: always,
    },
  },
  'VideoEvent by way of node': {
    path: 'node(id: $id) { ... on VideoEvent SELECTION }',
    about: ({ eventId }) => eventId,
    fields: { feedCursor: never, invites: { host: '2', admin: '2', others: '0' }, streamUrl: always },
  },
};
