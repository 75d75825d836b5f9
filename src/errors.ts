/**
 * What can go wrong in a way a client is told about. Capabilities throw these; they become members of a mutation's result
 * union or a top-level GraphQL error in one place (`server/error-types.ts`, `server/masking.ts`). Everything else is a fault
 * and is masked.
 */
export const errorCodes = {
  UNAUTHENTICATED: 'No session, or the access token is invalid, expired or revoked. Log in or refresh.',
  FORBIDDEN: 'The viewer may see this but not do it.',
  NOT_FOUND: 'No such thing, or the viewer may not know of it.',
  INVALID_INPUT: 'A value is missing, malformed or out of bounds; `issues` names each.',
  INVALID_CREDENTIALS: 'User name, email or password is wrong.',
  INVALID_TOKEN: 'The token of the mail is unknown, expired, or was used before. Ask for another mail.',
  INVALID_REFRESH_TOKEN: 'The refresh token is unknown, expired, or was used before; its session has ended.',
  USERNAME_TAKEN: 'Another account has this user name, whatever the case.',
  EMAIL_TAKEN: 'Another account has this email address, whatever the case.',
  ILLEGAL_TRANSITION: "The event's present status does not allow this.",
  CAPACITY_REACHED: 'Every seat of the event is taken.',
  NOT_PARTICIPANT: 'Join the event first.',
  EVENT_NOT_OPEN: 'The event does not take this in its present status.',
  SLOW_MODE: 'The chat is in slow mode; wait `retryAfterMs`.',
  SANCTIONED: 'The viewer was timed out or banned in this event; `until` tells for how long.',
  ALREADY_SANCTIONED: 'The user is timed out or banned already; lift that first.',
  HOSTING_EVENT: 'The account hosts an event that is scheduled or live: end or cancel it first.',
  IDEMPOTENCY_CONFLICT: 'The idempotency key was used with another input.',
  RATE_LIMITED: 'Too many of these; wait `retryAfterMs`.',
  LIMIT_EXCEEDED: 'The document or message is larger than the server takes.',
  PERSISTED_OPERATION_NOT_FOUND:
    'The server knows no operation of this hash. Send the document itself, if it takes any.',
  PERSISTED_OPERATIONS_ONLY: 'The server executes persisted operations only: send the hash of one, and no document.',
  BAD_REQUEST: 'The request is not a GraphQL request this server understands.',
  NOT_CONFIGURED: 'Whoever runs this server has not set up what this needs.',
  UNAVAILABLE: 'A part of the server is away for the moment; the same request may succeed later.',
  INTERNAL: 'A fault of the server. Quote the request id when you report it.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

export abstract class DomainError extends Error {
  abstract readonly code: ErrorCode;
  constructor(message: string) {
    // Expected, and thrown in numbers while somebody attacks: where it was thrown nobody asks, and finding out takes time.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
  /** Typed extras; the same names as the GraphQL type's fields, and added to `extensions` of a top-level error. */
  extras(): Record<string, unknown> {
    return {};
  }
}

export class UnauthenticatedError extends DomainError {
  readonly code = 'UNAUTHENTICATED';
  constructor(message = 'Log in first.') {
    super(message);
  }
}

export class ForbiddenError extends DomainError {
  readonly code = 'FORBIDDEN';
}

export class NotFoundError extends DomainError {
  readonly code = 'NOT_FOUND';
  constructor(what: string) {
    super(`${what} not found.`);
  }
}

export interface InputIssue {
  /** Where in the input, dotted: `title`, `invites.0`. */
  path: string;
  message: string;
}

export class InvalidInputError extends DomainError {
  readonly code = 'INVALID_INPUT';
  readonly issues: readonly InputIssue[];
  constructor(issues: readonly InputIssue[]) {
    super(issues.map(({ path, message }) => `${path}: ${message}`).join('; '));
    this.issues = issues;
  }
  override extras() {
    return { issues: this.issues };
  }
}

export class InvalidCredentialsError extends DomainError {
  readonly code = 'INVALID_CREDENTIALS';
  constructor() {
    super('These credentials are not right.');
  }
}

export class InvalidRefreshTokenError extends DomainError {
  readonly code = 'INVALID_REFRESH_TOKEN';
  constructor() {
    super('This refresh token is not valid. Log in again.');
  }
}

export class InvalidTokenError extends DomainError {
  readonly code = 'INVALID_TOKEN';
  constructor() {
    super('This token is not valid. Ask for another mail.');
  }
}

export class NotConfiguredError extends DomainError {
  readonly code = 'NOT_CONFIGURED';
}

export class UsernameTakenError extends DomainError {
  readonly code = 'USERNAME_TAKEN';
  constructor() {
    super('This user name is taken.');
  }
}

export class EmailTakenError extends DomainError {
  readonly code = 'EMAIL_TAKEN';
  constructor() {
    super('This email address is taken.');
  }
}

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

export type StatusName = 'DRAFT' | 'SCHEDULED' | 'LIVE' | 'INTERRUPTED' | 'ENDED' | 'CANCELLED';

export class IllegalTransitionError extends DomainError {
  readonly code = 'ILLEGAL_TRANSITION';
  readonly status: StatusName;
  constructor(status: StatusName, message = `The event is ${status}; that does not allow this.`) {
    super(message);
    this.status = status;
  }
  override extras() {
    return { status: this.status };
  }
}

export class EventNotOpenError extends DomainError {
  readonly code = 'EVENT_NOT_OPEN';
  readonly status: StatusName;
  constructor(status: StatusName) {
    super(`The event is ${status} and takes no more of this.`);
    this.status = status;
  }
  override extras() {
    return { status: this.status };
  }
}

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

/** What keeps somebody from writing in an event, or from being in it. */
export interface SanctionTerms {
  readonly kind: 'TIMEOUT' | 'BAN';
  readonly reason: string;
  /** Null: until it is lifted. */
  readonly until: Date | null;
}

abstract class SanctionError extends DomainError {
  readonly kind: SanctionTerms['kind'];
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

export class IdempotencyConflictError extends DomainError {
  readonly code = 'IDEMPOTENCY_CONFLICT';
  constructor() {
    super('This idempotency key was used with another input.');
  }
}

export class RateLimitedError extends DomainError {
  readonly code = 'RATE_LIMITED';
  /** Milliseconds until another attempt is counted as the first. */
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super(`Too many requests: wait ${Math.ceil(retryAfterMs / 1000)} s.`);
    this.retryAfterMs = retryAfterMs;
  }
  override extras() {
    return { retryAfterMs: this.retryAfterMs };
  }
}

export class LimitExceededError extends DomainError {
  readonly code = 'LIMIT_EXCEEDED';
}

/** Clients that send hashes first (Apollo's link, urql's exchange) know this message: they then send the document. */
export class PersistedOperationNotFoundError extends DomainError {
  readonly code = 'PERSISTED_OPERATION_NOT_FOUND';
  constructor() {
    super('PersistedQueryNotFound');
  }
}

export class PersistedOperationsOnlyError extends DomainError {
  readonly code = 'PERSISTED_OPERATIONS_ONLY';
  constructor() {
    super('This server executes persisted operations only: send extensions.persistedQuery.sha256Hash, and no query.');
  }
}

export class UnavailableError extends DomainError {
  readonly code = 'UNAVAILABLE';
  /** Milliseconds until it may be worth another try; null: nobody knows. */
  readonly retryAfterMs: number | null;
  constructor(message = 'Not available for the moment; try again.', retryAfterMs: number | null = null) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
  override extras() {
    return { retryable: true, ...(this.retryAfterMs === null ? {} : { retryAfterMs: this.retryAfterMs }) };
  }
}

export class HostingEventError extends DomainError {
  readonly code = 'HOSTING_EVENT';
  constructor() {
    super('This account hosts an event that is scheduled or live. End or cancel it first.');
  }
}
