import { DomainError } from '../errors.ts';

export class NotFullError extends DomainError {
  readonly code = 'NOT_FULL';
  constructor() {
    super('There is a seat: join the event.');
  }
}

export class NoOfferError extends DomainError {
  readonly code = 'NO_OFFER';
  constructor() {
    super('No seat was offered to you.');
  }
}

export class OfferExpiredError extends DomainError {
  readonly code = 'OFFER_EXPIRED';
  readonly offeredUntil: Date;
  constructor(offeredUntil: Date) {
    super(`The offer ended at ${offeredUntil.toISOString()}.`);
    this.offeredUntil = offeredUntil;
  }
  override extras() {
    return { offeredUntil: this.offeredUntil.toISOString() };
  }
}
