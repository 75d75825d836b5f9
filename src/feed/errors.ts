import { DomainError } from '../errors.ts';

export class IdempotencyConflictError extends DomainError {
  readonly code = 'IDEMPOTENCY_CONFLICT';
  constructor() {
    super('This idempotency key was used with another input.');
  }
}

/** Why a feed is not read from where somebody wants: its log is another one, or the entries are no longer kept. */
export class FeedResetError extends DomainError {
  readonly code = 'FEED_RESET';
  readonly reason: 'OLD_EPOCH' | 'EXPIRED';
  /** What is kept of the feed lies behind this. */
  readonly cursor: string;
  constructor(reason: 'OLD_EPOCH' | 'EXPIRED', cursor: string) {
    super(
      reason === 'EXPIRED'
        ? 'These entries are no longer kept.'
        : 'The feed was restored or replaced since the cursor was given.',
    );
    this.reason = reason;
    this.cursor = cursor;
  }
  override extras() {
    return { reason: this.reason, cursor: this.cursor };
  }
}
