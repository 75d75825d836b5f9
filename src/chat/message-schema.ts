import { ProfileType } from '../accounts/profile-schema.ts';
import { builder } from '../builder.ts';
import { type DeliveredEntry, factRef, factType } from '../feed/schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import { type MessageFact, messagePinned, messageRemoved, messageSent, messageUnpinned } from './entries.ts';
import type { Message } from './message.ts';

const MessageRemoverType = builder.enumType('MessageRemover', {
  description: "Who took a message's text away.",
  values: {
    AUTHOR: { description: 'Its author.' },
    MODERATOR: { description: 'The host, a moderator or an admin.' },
  } as const,
});

const messageRef = builder.objectRef<Message>('Message');
export const MessageType = builder.node(messageRef, {
  description: 'A chat message. The same for every viewer, in history and in the live feed.',
  id: { resolve: ({ messageId }) => messageId },
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'messageId' in value && 'sentAt' in value,
  loadManyWithoutCache: (ids, { chat, viewer }) => chat.byIds(viewer, ids),
  fields: (t) => ({
    eventId: t.id({
      description: "The VideoEvent's global id.",
      resolve: ({ eventId }) => encodeGlobalId('VideoEvent', eventId),
    }),
    text: t.exposeString('text', {
      nullable: true,
      description: '1 to 500 characters; null once removed: show `removedBy` instead.',
    }),
    removedBy: t.expose('removedBy', {
      type: MessageRemoverType,
      nullable: true,
      description: 'Who took the text away; null while it stands.',
    }),
    author: t.field({ type: ProfileType, description: 'Who sent it.', resolve: ({ actor }) => actor }),
    replyToId: t.id({
      nullable: true,
      description: 'Global id of the Message this one answers.',
      resolve: ({ replyToId }) => (replyToId === null ? null : encodeGlobalId('Message', replyToId)),
    }),
    sequence: t.exposeInt('sequence', {
      description: "Its place in the event's feed: history and feed have one order.",
    }),
    sentAt: t.expose('sentAt', { type: 'DateTime', description: "When it was sent, by the database's clock." }),
  }),
});

const sentMessage = ({ entry }: DeliveredEntry<MessageFact>): Message => ({
  ...entry.payload,
  sequence: entry.sequence,
  sentAt: new Date(entry.occurredAt),
});

export const MessageSent = factRef(messageSent).implement({
  ...factType(messageSent),
  description: 'Somebody sent a chat message.',
  fields: (t) => ({ message: t.field({ type: MessageType, description: 'The message.', resolve: sentMessage }) }),
});

export const MessageRemoved = factRef(messageRemoved).implement({
  ...factType(messageRemoved),
  description: "A message's text was taken away: show it as removed.",
  fields: (t) => ({
    messageId: t.id({
      description: "The Message's global id.",
      resolve: ({ entry }) => encodeGlobalId('Message', entry.payload.messageId),
    }),
    removedBy: t.field({
      type: MessageRemoverType,
      description: 'Who took it away.',
      resolve: ({ entry }) => entry.payload.removedBy,
    }),
  }),
});

export const MessagePinned = factRef(messagePinned).implement({
  ...factType(messagePinned),
  description: 'A message was pinned, in place of the one pinned before.',
  fields: (t) => ({
    message: t.field({
      type: MessageType,
      description: 'The message.',
      resolve: ({ entry }) => ({ ...entry.payload, sentAt: new Date(entry.payload.sentAt) }),
    }),
  }),
});

export const MessageUnpinned = factRef(messageUnpinned).implement({
  ...factType(messageUnpinned),
  description: 'The pinned message was taken off.',
  fields: (t) => ({
    messageId: t.id({
      description: "The Message's global id.",
      resolve: ({ entry }) => encodeGlobalId('Message', entry.payload.messageId),
    }),
  }),
});
