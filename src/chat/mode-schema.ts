import { builder } from '../builder.ts';
import type { ChatModeName } from './errors.ts';

export const ChatModeType = builder.enumType('ChatMode', {
  description: 'A mode of the chat that refuses a message for what it is or when it comes.',
  values: {
    CLOSED: { description: 'Nobody speaks but the host, moderators and admins.' },
    EMOTE_ONLY: { description: 'Messages are made of emoji only.' },
    UNIQUE: { description: 'Nobody repeats what was said in the last 30 seconds.' },
  } as const satisfies Record<ChatModeName, { description: string }>,
});
