import { DomainError } from '../errors.ts';

export class CapacityError extends DomainError {
  readonly code = 'CAPACITY_REACHED';
  readonly capacity: number;
  constructor(capacity: number) {
    super(`All ${capacity} seats are taken.`);
    this.capacity = capacity;
  }
  override extras() {
    return { capacity: this.capacity };
  }
}

export class NotParticipantError extends DomainError {
  readonly code = 'NOT_PARTICIPANT';
  constructor() {
    super('Join the event first.');
  }
}
