import { DomainError } from '../errors.ts';
import type { SanctionKind } from '../generated/prisma/enums.ts';

/** What keeps somebody from writing in an event, or from being in it. */
export interface SanctionTerms {
  readonly kind: SanctionKind;
  readonly reason: string;
  /** Null: until it is lifted. */
  readonly until: Date | null;
}

abstract class SanctionError extends DomainError {
  readonly kind: SanctionKind;
  readonly until: Date | null;
  readonly reason: string;
  constructor(message: string, { kind, until, reason }: SanctionTerms) {
    super(message);
    this.kind = kind;
    this.until = until;
    this.reason = reason;
  }
  override extras() {
    return { kind: this.kind, until: this.until?.toISOString() ?? null, reason: this.reason };
  }
}

const lasting = ({ until }: SanctionTerms): string => (until === null ? '' : ` until ${until.toISOString()}`);

/** The viewer's own. */
export class SanctionedError extends SanctionError {
  readonly code = 'SANCTIONED';
  constructor(terms: SanctionTerms) {
    super(`You are ${terms.kind === 'BAN' ? 'banned' : 'timed out'} in this event${lasting(terms)}.`, terms);
  }
}

/** Somebody else's, which stands in the way of another one. */
export class AlreadySanctionedError extends SanctionError {
  readonly code = 'ALREADY_SANCTIONED';
  constructor(terms: SanctionTerms) {
    super(`The user is ${terms.kind === 'BAN' ? 'banned' : 'timed out'} already${lasting(terms)}.`, terms);
  }
}
