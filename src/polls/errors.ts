import { DomainError } from '../errors.ts';
import type { PollStatus } from '../generated/prisma/enums.ts';

export class PollStatusError extends DomainError {
  readonly code = 'POLL_STATUS';
  readonly pollStatus: PollStatus;
  constructor(pollStatus: PollStatus) {
    super(`The poll is ${pollStatus}; that does not allow this.`);
    this.pollStatus = pollStatus;
  }
  override extras() {
    return { pollStatus: this.pollStatus };
  }
}

export class AlreadyVotedError extends DomainError {
  readonly code = 'ALREADY_VOTED';
  constructor() {
    super('You have voted in this poll, and it takes no changes.');
  }
}
