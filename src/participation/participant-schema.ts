import { User } from '../accounts/user-schema.ts';
import { builder } from '../builder.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { visiblePlaces } from './access.ts';

export const Participant = builder.prismaNode('Participant', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visiblePlaces(viewer)] }),
  description:
    "A user's place in an event: one for ever, however often they leave and come back. Seen by the user, the event's host and its moderators.",
  fields: (t) => ({
    user: t.relation('user', { description: 'Whose place it is.' }),
    event: t.relation('event', { description: 'The event.' }),
    joinedAt: t.expose('joinedAt', { type: 'DateTime', description: 'When they first joined.' }),
    leftAt: t.expose('leftAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When they left; null while they hold their seat.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the place was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the place last changed.' }),
  }),
});

builder.prismaObjectFields(VideoEvent, (t) => ({
  participants: t.relatedConnection('participants', {
    cursor: 'id',
    totalCount: true,
    description:
      'Who joined, in the order of joining, those who left included. The host and moderators get all; others their own place only.',
    query: (_args, { viewer }) => ({
      where: visiblePlaces(viewer),
      orderBy: [{ joinedAt: 'asc' }, { id: 'asc' }],
    }),
  }),
  viewerParticipation: t.field({
    type: Participant,
    nullable: true,
    description:
      "The viewer's own place; null if they never joined, and for guests. `leftAt` tells whether they hold it.",
    select: (_args, { viewer }, nested) => ({
      participants: nested({ where: { userId: { in: viewer === null ? [] : [viewer.id] } }, take: 1 }),
    }),
    resolve: ({ participants }) => participants[0] ?? null,
  }),
}));

builder.prismaObjectFields(User, (t) => ({
  participations: t.relatedConnection('participations', {
    cursor: 'id',
    totalCount: true,
    description:
      "The user's places in events, latest first, those they left included. One's own are complete; of others a host or moderator gets those in their events, anybody else none.",
    query: (_args, { viewer }) => ({
      where: visiblePlaces(viewer),
      orderBy: [{ joinedAt: 'desc' }, { id: 'desc' }],
    }),
  }),
}));
