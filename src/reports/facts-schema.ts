import { ProfileType } from '../accounts/profile-schema.ts';
import { factRef, factType } from '../feed/schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import { messageReported, reportsResolved } from './entries.ts';
import { ReportResolutionType } from './resolution-schema.ts';

const messageIdDescription = "The Message's global id.";

export const MessageReported = factRef(messageReported).implement({
  ...factType(messageReported),
  description: 'A participant reported a message. For the host and moderators.',
  fields: (t) => ({
    messageId: t.id({
      description: messageIdDescription,
      resolve: ({ entry }) => encodeGlobalId('Message', entry.payload.messageId),
    }),
    reporter: t.field({
      type: ProfileType,
      description: 'Who reported it.',
      resolve: ({ entry }) => entry.payload.actor,
    }),
    // Not `reason`: beside that of a FeedReset it would be two types for one name.
    reportReason: t.string({ description: "The reporter's words.", resolve: ({ entry }) => entry.payload.reason }),
    reportCount: t.int({
      description: 'How many participants have reported it by now.',
      resolve: ({ entry }) => entry.payload.reportCount,
    }),
  }),
});

export const ReportsResolved = factRef(reportsResolved).implement({
  ...factType(reportsResolved),
  description: 'A moderator decided about a reported message. For the host and moderators.',
  fields: (t) => ({
    messageId: t.id({
      description: messageIdDescription,
      resolve: ({ entry }) => encodeGlobalId('Message', entry.payload.messageId),
    }),
    resolvedBy: t.field({
      type: ProfileType,
      description: 'Who decided.',
      resolve: ({ entry }) => entry.payload.actor,
    }),
    resolution: t.field({
      type: ReportResolutionType,
      description: 'What was decided.',
      resolve: ({ entry }) => entry.payload.resolution,
    }),
    resolutionReason: t.string({
      description: "The moderator's words; may be empty.",
      resolve: ({ entry }) => entry.payload.reason,
    }),
  }),
});
