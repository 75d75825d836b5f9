import type { GraphQLResolveInfo } from 'graphql';
import { User } from '../accounts/user-schema.ts';
import { asksFor } from '../asked.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { runBy } from './access.ts';
import type { EventQuery } from './reading.ts';
import { EventStatusType } from './status-schema.ts';
import { EventVisibilityType } from './visibility-schema.ts';

/** The cursor that came with an event's row. Rows that came by way of a list or a relation have none. */
const feedCursors = new WeakMap<object, string>();

/** The event, with its feed's cursor where that is asked for. Throws NotFoundError where the viewer sees none. */
export async function loadVideoEvent(
  query: EventQuery,
  eventId: string,
  { events, viewer }: Context,
  info: GraphQLResolveInfo,
) {
  if (!asksFor(info, 'feedCursor')) return events.get(viewer, eventId, query);
  const { event, feedCursor } = await events.getWithCursor(viewer, eventId, query);
  feedCursors.set(event, feedCursor);
  return event;
}

const EventStandingType = builder.enumType('EventStanding', {
  description: 'What somebody is in an event; the first that holds.',
  values: {
    HOST: { description: 'Owns the event.' },
    MODERATOR: { description: 'Was appointed by the host.' },
    PARTICIPANT: { description: 'Holds a place.' },
    VISITOR: { description: 'None of these; also every guest.' },
  } as const,
});

export const VideoEvent = builder.prismaNode('VideoEvent', {
  // Columns are read where a field asks for them, and not all of the row.
  select: { id: true },
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { events, viewer }) => events.visible(viewer, id),
  description:
    'One live show. Drafts are seen by their host and moderators only, private events also by the invited and by participants.',
  fields: (t) => ({
    title: t.exposeString('title', { description: '1 to 200 characters.' }),
    description: t.exposeString('description', { description: 'At most 5,000 characters, in lines; may be empty.' }),
    streamUrl: t.exposeString('streamUrl', {
      nullable: true,
      description: 'An https URL where the stream plays; null until the host gives one.',
    }),
    coverImageUrl: t.exposeString('coverImageUrl', { nullable: true, description: 'An https URL of a picture.' }),
    host: t.relation('host', { description: 'Who owns the event.' }),
    scheduledAt: t.expose('scheduledAt', { type: 'DateTime', description: 'When it is planned to go live.' }),
    status: t.expose('status', { type: EventStatusType, description: 'Where it stands.' }),
    visibility: t.expose('visibility', { type: EventVisibilityType, description: 'Who finds and sees it.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it first went live; null before.',
    }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it ended; null before.' }),
    capacity: t.exposeInt('capacity', { nullable: true, description: 'Seats there are; null: no limit.' }),
    participantCount: t.exposeInt('seatsTaken', {
      description: 'Participants who hold a seat now. The host takes none.',
    }),
    slowModeSeconds: t.exposeInt('slowModeSeconds', {
      description: 'Seconds a participant waits between two messages; 0: slow mode is off. Moderators do not wait.',
    }),
    allowedReactions: t.exposeStringList('allowedReactions', {
      description: 'The emoji that `react` takes, 1 to 20, in the order in which to offer them.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the draft was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the event was last changed.' }),
    feedCursor: t.string({
      nullable: true,
      description:
        "Where the event's feed stood, no later than what is read here: subscribe to `videoEventFeed` with `after` this and nothing is missed. Given by `videoEvent(id)` and in mutation payloads; null where the event was reached otherwise.",
      resolve: (event) => feedCursors.get(event) ?? null,
    }),
    moderators: t.field({
      type: [User],
      description: 'Who keeps order beside the host, in the order of their appointment.',
      select: (_args, _context, nested) => ({
        moderators: { select: { user: nested(true) }, orderBy: [{ createdAt: 'asc' }, { userId: 'asc' }] },
      }),
      resolve: ({ moderators }) => moderators.map(({ user }) => user),
    }),
  }),
});

const EventInvite = builder.prismaObject('EventInvite', {
  description: 'An invitation to a private event.',
  fields: (t) => ({
    user: t.relation('user', { description: 'Who is invited.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When they were invited.' }),
  }),
});

builder.prismaObjectFields(VideoEvent, (t) => ({
  viewerStanding: t.field({
    type: EventStandingType,
    description: 'What the viewer is in the event.',
    select: (_args, { viewer }) => ({
      hostId: true,
      moderators: { where: { userId: { in: viewer === null ? [] : [viewer.id] } }, select: { userId: true } },
      participants: {
        where: { userId: { in: viewer === null ? [] : [viewer.id] }, leftAt: null },
        select: { id: true },
      },
    }),
    resolve: ({ hostId, moderators, participants }, _args, { viewer }) => {
      if (hostId === viewer?.id) return 'HOST';
      if (moderators.length > 0) return 'MODERATOR';
      return participants.length > 0 ? 'PARTICIPANT' : 'VISITOR';
    },
  }),
  invites: t.relatedConnection('invites', {
    type: EventInvite,
    cursor: 'eventId_userId',
    extensions: { compoundCursor: true },
    totalCount: true,
    description: 'Who is invited, latest first. Empty for everybody but the host and admins.',
    query: (_args, { viewer }) => ({
      where: { event: runBy(viewer) },
      orderBy: [{ createdAt: 'desc' }, { userId: 'asc' }],
    }),
  }),
}));
