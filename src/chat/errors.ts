import { DomainError } from '../errors.ts';

export class SlowModeError extends DomainError {
  readonly code = 'SLOW_MODE';
  /** Milliseconds until the next message is taken. */
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super(`Slow mode: wait ${Math.ceil(retryAfterMs / 1000)} s.`);
    this.retryAfterMs = retryAfterMs;
  }
  override extras() {
    return { retryAfterMs: this.retryAfterMs };
  }
}

/** Modes that refuse a message for what it is or when it comes. Slow mode has an error of its own. */
export type ChatModeName = 'CLOSED' | 'EMOTE_ONLY' | 'UNIQUE';

const modeRefusals: Record<ChatModeName, string> = {
  CLOSED: 'The chat is closed.',
  EMOTE_ONLY: 'The chat takes emoji only.',
  UNIQUE: 'This was said a moment ago.',
};

export class ChatModeError extends DomainError {
  readonly code = 'CHAT_MODE';
  readonly mode: ChatModeName;
  /** Milliseconds until the same message is taken; 0: waiting does not help. */
  readonly retryAfterMs: number;
  constructor(mode: ChatModeName, retryAfterMs = 0) {
    super(modeRefusals[mode]);
    this.mode = mode;
    this.retryAfterMs = retryAfterMs;
  }
  override extras() {
    return { mode: this.mode, retryAfterMs: this.retryAfterMs };
  }
}

export class BlockedWordError extends DomainError {
  readonly code = 'BLOCKED_WORD';
  constructor() {
    super('This message has a word that is blocked in this chat.');
  }
}
