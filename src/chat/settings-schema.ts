import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { IllegalTransitionError } from '../events/errors.ts';
import { loadVideoEvent, VideoEvent } from '../events/video-event-schema.ts';
import { factRef, factType } from '../feed/schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import { chatSettingsChanged } from './entries.ts';

const describe = {
  slowModeSeconds: 'Seconds between two messages of a participant, 0 to 120; 0: off.',
  participantsOnly:
    'Only who joined speaks. If not, the first message of anybody who sees the event joins them, as joinVideoEvent would.',
  unique: 'Nobody repeats what was said in the last 30 seconds, whoever said it, in whatever case and spacing.',
  emoteOnly: 'Messages are made of emoji only.',
  closed: 'Nobody speaks.',
};

const ChatSettings = builder.prismaObject('VideoEvent', {
  variant: 'ChatSettings',
  description: 'What the chat of an event takes. None of it holds for the host, moderators and admins.',
  fields: (t) => ({
    slowModeSeconds: t.exposeInt('slowModeSeconds', { description: describe.slowModeSeconds }),
    participantsOnly: t.exposeBoolean('chatParticipantsOnly', { description: describe.participantsOnly }),
    unique: t.exposeBoolean('chatUnique', { description: describe.unique }),
    emoteOnly: t.exposeBoolean('chatEmoteOnly', { description: describe.emoteOnly }),
    closed: t.exposeBoolean('chatClosed', { description: describe.closed }),
    blockedWords: t.stringList({
      nullable: true,
      description:
        'Words and phrases no message may have, at most 200, as they are compared: in lower case. Null for everybody but the host, moderators and admins.',
      select: (_args, { viewer }) => ({
        hostId: true,
        moderators: { where: { userId: { in: viewer === null ? [] : [viewer.id] } }, select: { userId: true } },
        blockedWords: { select: { word: true }, orderBy: { word: 'asc' } },
      }),
      resolve: ({ hostId, moderators, blockedWords }, _args, { viewer }) => {
        const moderates = viewer !== null && (hostId === viewer.id || viewer.role === 'ADMIN' || moderators.length > 0);
        return moderates ? blockedWords.map(({ word }) => word) : null;
      },
    }),
  }),
});

builder.prismaObjectField(VideoEvent, 'chatSettings', (t) =>
  t.variant(ChatSettings, { description: 'What the chat takes.' }),
);

const UpdateChatSettingsInput = builder.inputType('UpdateChatSettingsInput', {
  description: 'What to change about the chat. What is not given stays as it is.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
    slowModeSeconds: t.int({ description: describe.slowModeSeconds }),
    participantsOnly: t.boolean({ description: describe.participantsOnly }),
    unique: t.boolean({ description: describe.unique }),
    emoteOnly: t.boolean({ description: describe.emoteOnly }),
    closed: t.boolean({ description: describe.closed }),
    blockedWords: t.stringList({
      description:
        'All words and phrases no message may have, in place of those before: at most 200 of 1 to 50 characters. Found as whole words, in whatever case.',
    }),
  }),
});

const UpdateChatSettingsPayload = builder.objectRef<{ eventId: string }>('UpdateChatSettingsPayload').implement({
  description: 'Every message from now on is judged by these settings.',
  fields: (t) => ({
    videoEvent: t.prismaField({
      type: VideoEvent,
      description: 'The event as it is now.',
      resolve: (query, { eventId }, _args, context, info) => loadVideoEvent(query, eventId, context, info),
    }),
  }),
});

builder.mutationField('updateChatSettings', (t) =>
  t.field({
    type: UpdateChatSettingsPayload,
    description:
      'Changes what the chat of an event that is not over takes. For the host and moderators, for whom none of it holds.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: UpdateChatSettingsInput, required: true, description: 'The changes.' }) },
    errors: { types: [NotFoundError, ForbiddenError, IllegalTransitionError, InvalidInputError] },
    resolve: (_root, { input }, { chat, viewer }) =>
      chat.changeSettings(signedIn(viewer), { ...input, eventId: input.eventId.id }),
  }),
);

export const ChatSettingsChanged = factRef(chatSettingsChanged).implement({
  ...factType(chatSettingsChanged),
  description:
    'What the chat takes was changed; this holds from here on. Which words are blocked is not told, only by this fact that something changed.',
  fields: (t) => ({
    eventId: t.id({
      description: "The VideoEvent's global id.",
      resolve: ({ entry }) => encodeGlobalId('VideoEvent', entry.payload.eventId),
    }),
    slowModeSeconds: t.int({
      description: describe.slowModeSeconds,
      resolve: ({ entry }) => entry.payload.slowModeSeconds,
    }),
    participantsOnly: t.boolean({
      description: describe.participantsOnly,
      resolve: ({ entry }) => entry.payload.participantsOnly,
    }),
    unique: t.boolean({ description: describe.unique, resolve: ({ entry }) => entry.payload.unique }),
    emoteOnly: t.boolean({ description: describe.emoteOnly, resolve: ({ entry }) => entry.payload.emoteOnly }),
    closed: t.boolean({ description: describe.closed, resolve: ({ entry }) => entry.payload.closed }),
  }),
});
