import { DomainError } from '../errors.ts';
import type { PerkRefusal } from './perk-rules.ts';

export class PerkUnavailableError extends DomainError {
  readonly code = 'PERK_UNAVAILABLE';
  readonly perkRefusal: PerkRefusal;
  /** Milliseconds until it can be had again; null: waiting does not help. */
  readonly retryAfterMs: number | null;
  constructor(perkRefusal: PerkRefusal, retryAfterMs: number | null) {
    super(`The perk cannot be had now: ${perkRefusal}.`);
    this.perkRefusal = perkRefusal;
    this.retryAfterMs = retryAfterMs;
  }
  override extras() {
    return {
      perkRefusal: this.perkRefusal,
      ...(this.retryAfterMs === null ? {} : { retryAfterMs: this.retryAfterMs }),
    };
  }
}

export class RedemptionSettledError extends DomainError {
  readonly code = 'REDEMPTION_SETTLED';
  readonly redemptionStatus: 'FULFILLED' | 'CANCELLED';
  constructor(redemptionStatus: RedemptionSettledError['redemptionStatus']) {
    super(`The redemption was ${redemptionStatus.toLowerCase()} before.`);
    this.redemptionStatus = redemptionStatus;
  }
  override extras() {
    return { redemptionStatus: this.redemptionStatus };
  }
}

export class InsufficientPointsError extends DomainError {
  readonly code = 'INSUFFICIENT_POINTS';
  /** What the wallet holds. */
  readonly balance: number;
  constructor(balance: number) {
    super(`The wallet holds ${balance} points, which is not enough.`);
    this.balance = balance;
  }
  override extras() {
    return { balance: this.balance };
  }
}
