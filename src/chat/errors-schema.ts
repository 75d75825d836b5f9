import { builder } from '../builder.ts';
import { errorType } from '../errors-schema.ts';
import { BlockedWordError, ChatModeError, SlowModeError } from './errors.ts';
import { ChatModeType } from './mode-schema.ts';

builder.objectType(SlowModeError, {
  ...errorType('SlowModeError', 'SLOW_MODE'),
  fields: (t) => ({
    retryAfterMs: t.exposeInt('retryAfterMs', { description: 'Milliseconds until the next message is taken.' }),
  }),
});

builder.objectType(ChatModeError, {
  ...errorType('ChatModeError', 'CHAT_MODE'),
  fields: (t) => ({
    mode: t.field({ type: ChatModeType, description: 'The mode that refuses it.', resolve: ({ mode }) => mode }),
    retryAfterMs: t.exposeInt('retryAfterMs', {
      description: 'Milliseconds until the same message is taken; 0 where waiting does not help.',
    }),
  }),
});

builder.objectType(BlockedWordError, errorType('BlockedWordError', 'BLOCKED_WORD'));
