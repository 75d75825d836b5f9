import { resolveCursorConnection } from '@pothos/plugin-relay';
import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { page } from '../complexity.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { IdempotencyConflictError } from '../feed/errors.ts';
import { encodeGlobalId } from '../global-id.ts';
import { SanctionedError } from '../moderation/errors.ts';
import { CapacityError, NotParticipantError } from '../participation/errors.ts';
import { BlockedWordError, ChatModeError, SlowModeError } from './errors.ts';
import './errors-schema.ts';
import { decodeMessageCursor, encodeMessageCursor } from './history-cursor.ts';
import type { Message } from './message.ts';
import { MessageType } from './message-schema.ts';
import type { Sent } from './send.ts';
import './settings-schema.ts';

const MessagesConnection = builder.connectionObject(
  { type: MessageType, name: 'VideoEventMessagesConnection' },
  { name: 'VideoEventMessagesConnectionEdge' },
);

builder.prismaObjectFields(VideoEvent, (t) => ({
  messages: t.field({
    type: MessagesConnection,
    nullable: true,
    select: { id: true },
    description: 'The chat, newest last. Without arguments the newest 20; page backwards with `last` and `before`.',
    args: t.arg.connectionArgs(),
    resolve: ({ id }, args, { chat }) =>
      resolveCursorConnection<Promise<Message[]>>(
        {
          args: args.first == null && args.last == null ? { ...args, last: page.default } : args,
          maxSize: page.max,
          toCursor: encodeMessageCursor,
        },
        ({ after, before, limit, inverted }) =>
          chat.history(id, { after: decodeMessageCursor(after), before: decodeMessageCursor(before), limit, inverted }),
      ),
  }),
  pinnedMessage: t.field({
    type: MessageType,
    nullable: true,
    select: { pinnedMessageId: true },
    description: 'The message on top of the chat.',
    resolve: async ({ pinnedMessageId }, _args, { chat, viewer }) =>
      pinnedMessageId === null ? null : ((await chat.byIds(viewer, [pinnedMessageId]))[0] ?? null),
  }),
}));

const SendMessageInput = builder.inputType('SendMessageInput', {
  description: 'A chat message to send.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
    text: t.string({ required: true, description: '1 to 500 characters. Trimmed; control characters are dropped.' }),
    replyToId: t.globalID({ for: MessageType, description: 'The Message of the same event that this one answers.' }),
    idempotencyKey: t.string({
      description:
        'At most 64 characters, yours to choose. The same key and input again within 24 h: the first message again.',
    }),
  }),
});

// Not called `message`: beside `... on Error { message }` in one selection that would be two types for one name.
const MessagePayload = (name: string, field: string, description: string) =>
  builder.objectRef<Sent>(name).implement({
    description,
    fields: (t) => ({
      [field]: t.field({
        type: MessageType,
        description: 'The message as it is now.',
        resolve: async ({ messageId, message }, _args, { chat, viewer }) => {
          const found = message ?? (await chat.byIds(viewer, [messageId]))[0];
          if (found == null) throw new NotFoundError('Message');
          return found;
        },
      }),
    }),
  });

const EventPayload = (name: string, description: string) =>
  builder.objectRef<{ eventId: string }>(name).implement({
    description,
    fields: (t) => ({
      eventId: t.id({
        description: "The VideoEvent's global id.",
        resolve: ({ eventId }) => encodeGlobalId('VideoEvent', eventId),
      }),
    }),
  });

builder.mutationField('sendMessage', (t) =>
  t.field({
    type: MessagePayload(
      'SendMessagePayload',
      'sentMessage',
      'The message is in the log; everybody who watches gets it.',
    ),
    description:
      'Says something in the chat of an event the viewer has joined; where the chat is not for participants only, it joins them. The modes of the chat (`chatSettings`) may refuse it or ask to wait.',
    authScopes: { signedIn: true },
    extensions: { rateLimit: 'message' },
    args: { input: t.arg({ type: SendMessageInput, required: true, description: 'What to send.' }) },
    errors: {
      types: [
        NotFoundError,
        InvalidInputError,
        EventNotOpenError,
        NotParticipantError,
        SanctionedError,
        ChatModeError,
        BlockedWordError,
        SlowModeError,
        CapacityError,
        IdempotencyConflictError,
      ],
    },
    resolve: (_root, { input }, { chat, viewer }) =>
      chat.send(signedIn(viewer), { ...input, eventId: input.eventId.id, replyToId: input.replyToId?.id }),
  }),
);

const messageInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({ messageId: t.globalID({ for: MessageType, required: true, description: 'The Message.' }) }),
  });

builder.mutationField('deleteMessage', (t) =>
  t.field({
    type: MessagePayload('DeleteMessagePayload', 'deletedMessage', 'The text is gone from every later read.'),
    description:
      'Takes a message away: authors their own within 6 hours, moderators any. A removed one stays as it is.',
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: messageInput('DeleteMessageInput', 'The message to take away.'),
        required: true,
        description: 'Which message.',
      }),
    },
    errors: { types: [NotFoundError, ForbiddenError, SanctionedError] },
    resolve: async (_root, { input }, { chat, viewer }) => ({
      messageId: await chat.remove(signedIn(viewer), input.messageId.id),
      message: null,
    }),
  }),
);

builder.mutationField('pinMessage', (t) =>
  t.field({
    type: EventPayload('PinMessagePayload', 'The message is pinned.'),
    description: 'Pins a message on top of the chat, in place of the one before. For the host and moderators.',
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: messageInput('PinMessageInput', 'The message to pin.'),
        required: true,
        description: 'Which message.',
      }),
    },
    errors: { types: [NotFoundError, ForbiddenError] },
    resolve: (_root, { input }, { chat, viewer }) => chat.pin(signedIn(viewer), input.messageId.id),
  }),
);

const UnpinMessageInput = builder.inputType('UnpinMessageInput', {
  description: 'The event whose pinned message to take off.',
  fields: (t) => ({ eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }) }),
});

builder.mutationField('unpinMessage', (t) =>
  t.field({
    type: EventPayload('UnpinMessagePayload', 'No message is pinned.'),
    description: 'Takes the pinned message off. For the host and moderators; without a pinned message nothing changes.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: UnpinMessageInput, required: true, description: 'Which event.' }) },
    errors: { types: [NotFoundError, ForbiddenError] },
    resolve: (_root, { input }, { chat, viewer }) => chat.unpin(signedIn(viewer), input.eventId.id),
  }),
);
