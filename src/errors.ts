/**
 * What can go wrong in a way a client is told about: every code of the API. Errors that state one capability's rule stand in
 * its `errors.ts`, those that may come from anywhere here. What a mutation names becomes a member of its result union (as its
 * type in an `errors-schema.ts`), the rest a top-level GraphQL error (`server/masking.ts`). Everything else is a fault and is
 * masked.
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
  NOT_FULL: 'The event has a seat for the viewer: join it, there is nothing to wait for.',
  NO_OFFER: 'No seat is kept for the viewer.',
  OFFER_EXPIRED: 'The seat was kept for the viewer until `offeredUntil`, and is no longer.',
  PERK_UNAVAILABLE: 'The perk cannot be had now; `perkRefusal` says why.',
  REDEMPTION_SETTLED: 'The redemption was fulfilled or cancelled before.',
  INSUFFICIENT_POINTS: 'The wallet holds fewer points than that.',
  NOT_PARTICIPANT: 'Join the event first.',
  EVENT_NOT_OPEN: 'The event does not take this in its present status.',
  POLL_STATUS: "The poll's present `pollStatus` does not allow this.",
  ALREADY_VOTED: 'The viewer voted in this poll, which takes no changes.',
  PREDICTION_STATUS: "The prediction's present `predictionStatus` does not allow this.",
  ALREADY_STAKED: 'The viewer has staked on another outcome of this prediction.',
  GOAL_STATUS: "The goal's present `goalStatus` does not allow this.",
  SLOW_MODE: 'The chat is in slow mode; wait `retryAfterMs`.',
  TOO_MANY_QUESTIONS: 'So many questions of the viewer wait for an answer already; `limit` says how many may.',
  QUESTION_STATUS: "The question's present status does not allow this.",
  REACTION_NOT_ALLOWED: 'The event does not allow this emoji; `allowed` names those it does.',
  CHAT_MODE: 'The chat is in a mode that does not take this message; `mode` tells which.',
  BLOCKED_WORD: 'The message has a word that is blocked in this chat.',
  ALREADY_RESOLVED: 'Somebody has resolved these reports already; `resolution` tells how.',
  SANCTIONED: 'The viewer was timed out or banned in this event; `until` tells for how long.',
  ALREADY_SANCTIONED: 'The user is timed out or banned already; lift that first.',
  HOSTING_EVENT: 'The account hosts an event that is scheduled or live: end or cancel it first.',
  FEED_RESET:
    'The feed does not go on from there, for the `reason` given (as of FeedReset): fetch what you show anew. What is kept begins behind `cursor`.',
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

export class NotConfiguredError extends DomainError {
  readonly code = 'NOT_CONFIGURED';
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
