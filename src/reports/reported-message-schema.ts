import { builder } from '../builder.ts';
import { messageColumns, messageOf } from '../chat/message.ts';
import { MessageType } from '../chat/message-schema.ts';
import { moderatedBy } from '../events/access.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import type { ReportStatus } from '../generated/prisma/enums.ts';
import { ReportResolutionType } from './resolution-schema.ts';

const ReportStatusType = builder.enumType('ReportStatus', {
  description: 'Where a reported message stands.',
  values: {
    OPEN: { description: 'Waits for a moderator.' },
    RESOLVED: { description: 'A moderator has decided.' },
  } as const satisfies Record<ReportStatus, { description: string }>,
});

const MessageReport = builder.prismaObject('MessageReport', {
  description: 'What one participant holds against a message.',
  fields: (t) => ({
    reporter: t.relation('reporter', { description: 'Who reported it.' }),
    reason: t.exposeString('reason', { description: "The reporter's words, 1 to 200 characters." }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: "When, by the database's clock." }),
  }),
});

export const ReportedMessage = builder.prismaNode('ReportedMessage', {
  id: { field: 'messageId' },
  nullable: true,
  findUnique: (messageId, { viewer }) => ({ messageId, AND: [{ event: moderatedBy(viewer) }] }),
  description:
    "A message that participants reported. Seen by the event's host, its moderators and admins, who resolve its reports together.",
  fields: (t) => ({
    message: t.field({
      type: MessageType,
      description: 'The message as it is now; without its text once removed.',
      select: { message: { select: messageColumns } },
      resolve: ({ message }) => messageOf(message),
    }),
    status: t.expose('status', { type: ReportStatusType, description: 'Where it stands.' }),
    reportCount: t.exposeInt('reportCount', {
      description: 'How many participants reported it, those of reports resolved before included.',
    }),
    firstReportedAt: t.expose('firstReportedAt', { type: 'DateTime', description: 'When it was reported first.' }),
    resolution: t.expose('resolution', {
      type: ReportResolutionType,
      nullable: true,
      description: 'What was decided; null while it is OPEN.',
    }),
    resolutionReason: t.exposeString('resolutionReason', {
      nullable: true,
      description: "The moderator's words, may be empty; null while it is OPEN.",
    }),
    resolvedBy: t.relation('resolvedBy', { nullable: true, description: 'Who decided; null while it is OPEN.' }),
    resolvedAt: t.expose('resolvedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was decided; null while it is OPEN.',
    }),
    reports: t.relatedConnection('reports', {
      type: MessageReport,
      cursor: 'id',
      description: 'Who reported it and why, first ones first.',
      query: { orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] },
    }),
  }),
});

builder.prismaObjectField(VideoEvent, 'reportedMessages', (t) =>
  t.relatedConnection('reportedMessages', {
    type: ReportedMessage,
    cursor: 'messageId',
    totalCount: true,
    description:
      "The moderators' queue: messages that participants reported, first ones first. Empty for everybody but the host, moderators and admins.",
    args: { status: t.arg({ type: ReportStatusType, description: 'Only those that stand there. Without it: all.' }) },
    query: ({ status }, { viewer }) => ({
      where: { event: moderatedBy(viewer), status: status ?? undefined },
      orderBy: [{ firstReportedAt: 'asc' }, { messageId: 'asc' }],
    }),
  }),
);
