import { builder } from '../builder.ts';
import { moderatedBy } from '../events/access.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import type { ModerationActionKind } from '../generated/prisma/enums.ts';
import { encodeGlobalId } from '../global-id.ts';

const kinds: Record<ModerationActionKind, { description: string }> = {
  USER_TIMED_OUT: { description: '`user` was timed out.' },
  USER_BANNED: { description: '`user` was banned.' },
  SANCTION_LIFTED: { description: 'What was in force against `user` was lifted.' },
  MESSAGE_REMOVED: { description: 'A message of `user` was removed by somebody else.' },
  MESSAGE_PINNED: { description: 'A message of `user` was pinned.' },
  MESSAGE_UNPINNED: { description: 'The pinned message was taken off.' },
  QUESTION_APPROVED: { description: 'A question of `user` was shown to everybody.' },
  QUESTION_ANSWERED: { description: 'A question of `user` was answered.' },
  QUESTION_PINNED: { description: 'A question of `user` was pinned.' },
  QUESTION_UNPINNED: { description: 'The pinned question was taken off.' },
  QUESTION_DISMISSED: { description: 'A question of `user` was put aside.' },
  MODERATOR_APPOINTED: { description: '`user` became a moderator.' },
  MODERATOR_DISMISSED: { description: '`user` is a moderator no more.' },
  POLL_OPENED: { description: 'A poll was opened.' },
  POLL_CLOSED: { description: 'A poll was closed by hand: not by its time, nor with the event.' },
  POLL_ARCHIVED: { description: 'A closed poll was taken out of sight.' },
  PREDICTION_OPENED: { description: 'A prediction was opened.' },
  PREDICTION_LOCKED: { description: 'A prediction was locked by hand: not by its time, nor with the event.' },
  PREDICTION_RESOLVED: { description: 'Somebody said how a prediction ended.' },
  PREDICTION_CANCELLED: { description: 'A prediction was called off by hand.' },
  CHAT_SETTINGS_CHANGED: { description: 'What the chat takes was changed.' },
  REPORTS_RESOLVED: { description: 'Reports of a message of `user` were resolved: it was removed or left as it is.' },
};
const ModerationActionKindType = builder.enumType('ModerationActionKind', {
  description: 'What was done to keep order.',
  values: kinds,
});

const ModerationAction = builder.prismaNode('ModerationAction', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [{ event: moderatedBy(viewer) }] }),
  description: "One line of an event's moderation log. Seen by the event's host, its moderators and admins.",
  fields: (t) => ({
    kind: t.expose('kind', { type: ModerationActionKindType, description: 'What was done.' }),
    actor: t.relation('actor', { description: 'Who did it.' }),
    user: t.relation('user', { nullable: true, description: 'Whom it was done to; null: nobody in particular.' }),
    messageId: t.id({
      nullable: true,
      description: "The Message's global id; null where it was about none.",
      resolve: ({ messageId }) => (messageId === null ? null : encodeGlobalId('Message', messageId)),
    }),
    questionId: t.id({
      nullable: true,
      description: "The Question's global id; null where it was about none.",
      resolve: ({ questionId }) => (questionId === null ? null : encodeGlobalId('Question', questionId)),
    }),
    pollId: t.id({
      nullable: true,
      description: "The Poll's global id; null where it was about none.",
      resolve: ({ pollId }) => (pollId === null ? null : encodeGlobalId('Poll', pollId)),
    }),
    predictionId: t.id({
      nullable: true,
      description: "The Prediction's global id; null where it was about none.",
      resolve: ({ predictionId }) => (predictionId === null ? null : encodeGlobalId('Prediction', predictionId)),
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'In the words of who did it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: "When, by the database's clock." }),
  }),
});

builder.prismaObjectField(VideoEvent, 'moderationLog', (t) =>
  t.relatedConnection('actions', {
    type: ModerationAction,
    cursor: 'id',
    totalCount: true,
    description:
      'What the host and moderators did to keep order, latest first. Empty for everybody but the host, moderators and admins.',
    query: (_args, { viewer }) => ({
      where: { event: moderatedBy(viewer) },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    }),
  }),
);
