import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { MessageType } from '../chat/message-schema.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { IdempotencyConflictError } from '../feed/errors.ts';
import { encodeGlobalId } from '../global-id.ts';
import { SanctionedError } from '../moderation/errors.ts';
import { NotParticipantError } from '../participation/errors.ts';
import { AlreadyResolvedError } from './errors.ts';
import './errors-schema.ts';
import { ReportedMessage } from './reported-message-schema.ts';
import { ReportResolutionType } from './resolution-schema.ts';

const ReportMessageInput = builder.inputType('ReportMessageInput', {
  description: 'A message to report.',
  fields: (t) => ({
    messageId: t.globalID({ for: MessageType, required: true, description: 'The Message.' }),
    reason: t.string({ required: true, description: 'What is wrong with it: 1 to 200 characters.' }),
    idempotencyKey: t.string({
      description:
        'At most 64 characters, yours to choose. The same key and input again within 24 h: the first answer again. Reporting twice is harmless without one, too.',
    }),
  }),
});

const ReportMessagePayload = builder.objectRef<{ messageId: string }>('ReportMessagePayload').implement({
  description: 'The host and moderators know of it.',
  fields: (t) => ({
    messageId: t.id({
      description: "The Message's global id.",
      resolve: ({ messageId }) => encodeGlobalId('Message', messageId),
    }),
  }),
});

builder.mutationField('reportMessage', (t) =>
  t.field({
    type: ReportMessagePayload,
    description:
      "Tells the host and moderators of a message that should not stand. For participants, about others' messages. Everybody reports a message once; again changes nothing.",
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: ReportMessageInput, required: true, description: 'Which message, and why.' }) },
    errors: {
      types: [
        NotFoundError,
        ForbiddenError,
        NotParticipantError,
        SanctionedError,
        InvalidInputError,
        IdempotencyConflictError,
      ],
    },
    resolve: async (_root, { input }, { reports, viewer }) => ({
      messageId: await reports.report(signedIn(viewer), { ...input, messageId: input.messageId.id }),
    }),
  }),
);

const ResolveReportsInput = builder.inputType('ResolveReportsInput', {
  description: 'What a moderator decides about a reported message.',
  fields: (t) => ({
    messageId: t.globalID({ for: MessageType, required: true, description: 'The reported Message.' }),
    resolution: t.field({ type: ReportResolutionType, required: true, description: 'The decision.' }),
    reason: t.string({ description: 'Why, for the moderation log: at most 200 characters.' }),
  }),
});

const ResolveReportsPayload = builder.objectRef<{ messageId: string }>('ResolveReportsPayload').implement({
  description: 'The reports are resolved.',
  fields: (t) => ({
    reportedMessage: t.prismaField({
      type: ReportedMessage,
      description: 'The message in the queue, as it is now.',
      resolve: (query, { messageId }, _args, { reports, viewer }) => reports.find(signedIn(viewer), messageId, query),
    }),
  }),
});

builder.mutationField('resolveReports', (t) =>
  t.field({
    type: ResolveReportsPayload,
    description:
      'Decides about all reports of a message; REMOVED removes it. Exactly one moderator does: whoever comes second is told what was decided. A participant who has not reported it yet may open it again.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: ResolveReportsInput, required: true, description: 'The decision.' }) },
    errors: { types: [NotFoundError, ForbiddenError, AlreadyResolvedError, InvalidInputError] },
    resolve: async (_root, { input }, { reports, viewer }) => ({
      messageId: await reports.resolve(signedIn(viewer), { ...input, messageId: input.messageId.id }),
    }),
  }),
);
