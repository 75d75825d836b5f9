import { DomainError } from '../errors.ts';
import type { EventStatus } from '../generated/prisma/enums.ts';

export class IllegalTransitionError extends DomainError {
  readonly code = 'ILLEGAL_TRANSITION';
  readonly status: EventStatus;
  constructor(status: EventStatus, message = `The event is ${status}; that does not allow this.`) {
    super(message);
    this.status = status;
  }
  override extras() {
    return { status: this.status };
  }
}

export class EventNotOpenError extends DomainError {
  readonly code = 'EVENT_NOT_OPEN';
  readonly status: EventStatus;
  constructor(status: EventStatus) {
    super(`The event is ${status} and takes no more of this.`);
    this.status = status;
  }
  override extras() {
    return { status: this.status };
  }
}
