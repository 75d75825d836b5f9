import type { Profile } from '../accounts/profile.ts';
import { type EntryDraft, fact } from '../feed/entry.ts';
import type { VideoEvent } from '../generated/prisma/client.ts';

/** Who took a message's text away. */
export type Remover = 'AUTHOR' | 'MODERATOR';

/** What a message says, as facts carry it. A later removal empties `text`, and an account's deletion replaces `actor`. */
export type MessageFact = {
  readonly messageId: string;
  readonly eventId: string;
  /** 1 to 500 code points; null once removed. */
  readonly text: string | null;
  readonly removedBy: Remover | null;
  /** The author. */
  readonly actor: Profile;
  readonly replyToId: string | null;
};

/** The entry's own place and time are the message's. */
export const messageSent = fact<MessageFact>()('MessageSent');

export const messageRemoved = fact<{ messageId: string; removedBy: Remover }>()('MessageRemoved');

/** Tells the message again, with its place and the time it was sent (milliseconds since 1970). */
export const messagePinned = fact<MessageFact & { readonly sequence: number; readonly sentAt: number }>()(
  'MessagePinned',
);

export const messageUnpinned = fact<{ messageId: string }>()('MessageUnpinned');

/** What the chat takes from now on. Which words are blocked is told to nobody here. */
export const chatSettingsChanged = fact<{
  readonly eventId: string;
  readonly slowModeSeconds: number;
  readonly participantsOnly: boolean;
  readonly unique: boolean;
  readonly emoteOnly: boolean;
  readonly closed: boolean;
}>()('ChatSettingsChanged');

type ChatColumns = Pick<
  VideoEvent,
  'id' | 'slowModeSeconds' | 'chatParticipantsOnly' | 'chatUnique' | 'chatEmoteOnly' | 'chatClosed'
>;

/** The fact about the event's chat as it is now. */
export const chatSettingsDraft = (event: ChatColumns): EntryDraft =>
  chatSettingsChanged.draft(
    {
      eventId: event.id,
      slowModeSeconds: event.slowModeSeconds,
      participantsOnly: event.chatParticipantsOnly,
      unique: event.chatUnique,
      emoteOnly: event.chatEmoteOnly,
      closed: event.chatClosed,
    },
    { subjectId: event.id },
  );
