import type { Move } from '../../src/events/rules.ts';
import type { EventVisibility } from '../../src/generated/prisma/enums.ts';
import { encodeGlobalId } from '../../src/global-id.ts';
import type { Actor, EventStatus } from '../actor.ts';
import type { TestServer } from '../harness.ts';
import { createPeople, type Person } from './people.ts';
import type { Viewer } from './viewers.ts';

/** The event's visibility and status. */
export type Scene = `${EventVisibility} ${EventStatus}`;

/** An event of the host's in some scene, and everybody who may ask. */
export interface Stage {
  server: TestServer;
  as: Readonly<Record<Viewer, Actor>>;
  /** Another participant, who moderates nothing and whom the others ask about. */
  author: Person;
  eventId: string;
  /** Where the event's feed began. */
  cursor: string;
  /** Global ids; none of these exists in a draft. `messageId` is the author's and pinned, `ownMessageId` the participant's, a reply. */
  messageId: string;
  ownMessageId: string;
  removedMessageId: string;
  /** The place of the viewer who is a participant, and their joining. */
  participantId: string;
  engagementId: string;
  /** The ban of the banned one, and its line in the moderation log. */
  sanctionId: string;
  actionId: string;
}

const roles = {
  stranger: 'PARTICIPANT',
  banned: 'PARTICIPANT',
  participant: 'PARTICIPANT',
  moderator: 'PARTICIPANT',
  host: 'HOST',
  otherHost: 'HOST',
  admin: 'ADMIN',
  author: 'PARTICIPANT',
} as const;

const afterScheduling: Record<EventStatus, Move[]> = {
  DRAFT: [],
  SCHEDULED: [],
  LIVE: ['start'],
  INTERRUPTED: ['start', 'interrupt'],
  ENDED: ['start', 'end'],
  CANCELLED: ['cancel'],
};

/**
 * New people and a new event, through the capabilities that the API calls. Participant and author are invited, and hold places
 * in all but a draft; the banned one lost theirs.
 */
export async function setStage(server: TestServer, scene: Scene): Promise<Stage> {
  const [visibility, status] = scene.split(' ') as [EventVisibility, EventStatus];
  const { events, moderation } = server.app.capabilities;
  const { author, ...people } = await createPeople(server, roles);
  const host = people.host.viewer;
  const { eventId } = await events.create(host, {
    title: 'A show',
    description: 'To be seen.',
    scheduledAt: new Date(Date.now() + 3_600_000),
    streamUrl: 'https://stream.example.test/live.m3u8',
    coverImageUrl: 'https://pictures.example.test/show.png',
    capacity: 100,
    visibility,
  });
  const { feedCursor } = await events.get(host, eventId, {});
  await moderation.appoint(host, { eventId, userId: people.moderator.viewer.id });
  const userIds = [people.participant.viewer.id, author.viewer.id, people.banned.viewer.id];
  await events.invite(host, { eventId, userIds });
  const taken = status === 'DRAFT' ? nothing : await open(server, eventId, { ...people, author });
  const sanctionId = await moderation.ban(host, { eventId, userId: people.banned.viewer.id, reason: 'spam' });
  const action = await server.app.db.moderationAction.findFirstOrThrow({ where: { eventId, kind: 'USER_BANNED' } });
  for (const move of afterScheduling[status]) await events.move(host, eventId, move);
  const as = Object.fromEntries(Object.entries(people).map(([name, { actor }]) => [name, actor]));
  return {
    server,
    as: { ...(as as Record<Exclude<Viewer, 'guest'>, Actor>), guest: server.guest },
    author,
    eventId: encodeGlobalId('VideoEvent', eventId),
    cursor: feedCursor,
    sanctionId: encodeGlobalId('Sanction', sanctionId),
    actionId: encodeGlobalId('ModerationAction', action.id),
    ...taken,
  };
}

const nothing = { messageId: '', ownMessageId: '', removedMessageId: '', participantId: '', engagementId: '' };

type Cast = Record<'host' | 'participant' | 'author' | 'banned', Person>;

/** Publishes the event, seats its participants and lets them talk. */
async function open(server: TestServer, eventId: string, cast: Cast): Promise<typeof nothing> {
  const { host, participant, author, banned } = cast;
  const { events, participation, chat } = server.app.capabilities;
  await events.move(host.viewer, eventId, 'schedule');
  const { participantId } = await participation.join(participant.viewer, { eventId });
  await participation.join(author.viewer, { eventId });
  await participation.join(banned.viewer, { eventId });
  const { messageId } = await chat.send(author.viewer, { eventId, text: 'Hello' });
  const reply = await chat.send(participant.viewer, { eventId, text: 'Hello to you', replyToId: messageId });
  const removed = await chat.send(author.viewer, { eventId, text: 'Not to be said' });
  await chat.remove(author.viewer, removed.messageId);
  await chat.pin(host.viewer, messageId);
  const joining = await server.app.db.engagementLog.findFirstOrThrow({
    where: { participantId, engagementType: 'JOIN' },
    select: { id: true },
  });
  return {
    messageId: encodeGlobalId('Message', messageId),
    ownMessageId: encodeGlobalId('Message', reply.messageId),
    removedMessageId: encodeGlobalId('Message', removed.messageId),
    participantId: encodeGlobalId('Participant', participantId),
    engagementId: encodeGlobalId('EngagementLog', joining.id),
  };
}
