import { DomainError } from '../errors.ts';

export class ReactionNotAllowedError extends DomainError {
  readonly code = 'REACTION_NOT_ALLOWED';
  readonly allowed: readonly string[];
  constructor(allowed: readonly string[]) {
    super(`Only these are allowed: ${allowed.join(' ')}`);
    this.allowed = allowed;
  }
  override extras() {
    return { allowed: this.allowed };
  }
}
