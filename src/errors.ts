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

export class PerkUnavailableError extends DomainError {
  readonly code = 'PERK_UNAVAILABLE';
  readonly perkRefusal: 'ARCHIVED' | 'OUT_OF_STOCK' | 'COOLDOWN' | 'MAX_PER_EVENT' | 'MAX_PER_USER';
  /** Milliseconds until it can be had again; null: waiting does not help. */
  readonly retryAfterMs: number | null;
  constructor(perkRefusal: PerkUnavailableError['perkRefusal'], retryAfterMs: number | null) {
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

export type PollStatusName = 'DRAFT' | 'OPEN' | 'CLOSED' | 'ARCHIVED';

export class PollStatusError extends DomainError {
  readonly code = 'POLL_STATUS';
  readonly pollStatus: PollStatusName;
  constructor(pollStatus: PollStatusName) {
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

export type PredictionStatusName = 'OPEN' | 'LOCKED' | 'RESOLVED' | 'CANCELLED';

export class PredictionStatusError extends DomainError {
  readonly code = 'PREDICTION_STATUS';
  readonly predictionStatus: PredictionStatusName;
  constructor(predictionStatus: PredictionStatusName) {
    super(`The prediction is ${predictionStatus}; that does not allow this.`);
    this.predictionStatus = predictionStatus;
  }
  override extras() {
    return { predictionStatus: this.predictionStatus };
  }
}

export class AlreadyStakedError extends DomainError {
  readonly code = 'ALREADY_STAKED';
  constructor() {
    super('You have staked on another outcome of this prediction.');
  }
}

export type GoalStatusName = 'OPEN' | 'REACHED' | 'CLOSED' | 'CANCELLED';

export class GoalStatusError extends DomainError {
  readonly code = 'GOAL_STATUS';
  readonly goalStatus: GoalStatusName;
  constructor(goalStatus: GoalStatusName) {
    super(`The goal is ${goalStatus}; that does not allow this.`);
    this.goalStatus = goalStatus;
  }
  override extras() {
    return { goalStatus: this.goalStatus };
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

export class TooManyQuestionsError extends DomainError {
  readonly code = 'TOO_MANY_QUESTIONS';
  /** Questions of one participant that may wait. */
  readonly limit: number;
  constructor(limit: number) {
    super(`${limit} of your questions wait for an answer already.`);
    this.limit = limit;
  }
  override extras() {
    return { limit: this.limit };
  }
}

export type QuestionStatusName = 'PENDING' | 'APPROVED' | 'ANSWERED' | 'DISMISSED' | 'WITHDRAWN';

export class QuestionStatusError extends DomainError {
  readonly code = 'QUESTION_STATUS';
  readonly questionStatus: QuestionStatusName;
  constructor(questionStatus: QuestionStatusName) {
    super(`The question is ${questionStatus}; that does not allow this.`);
    this.questionStatus = questionStatus;
  }
  override extras() {
    return { questionStatus: this.questionStatus };
  }
}

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

/** Modes that refuse a message for what it is or when it comes. Slow mode has an error of its own. */
export type ChatModeName = 'CLOSED' | 'EMOTE_ONLY' | 'UNIQUE';

const modeRefusals: Record<ChatModeName, string> = {
  CLOSED: 'The chat is closed.',
  EMOTE_ONLY: 'The chat takes emoji only.',
  UNIQUE: 'This was said a moment ago.',
};

export class ChatModeError extends DomainError {
  readonly code = 'CHAT_MODE';
  readonly mode: ChatModeName;
  /** Milliseconds until the same message is taken; 0: waiting does not help. */
  readonly retryAfterMs: number;
  constructor(mode: ChatModeName, retryAfterMs = 0) {
    super(modeRefusals[mode]);
    this.mode = mode;
    this.retryAfterMs = retryAfterMs;
  }
  override extras() {
    return { mode: this.mode, retryAfterMs: this.retryAfterMs };
  }
}

export class BlockedWordError extends DomainError {
  readonly code = 'BLOCKED_WORD';
  constructor() {
    super('This message has a word that is blocked in this chat.');
  }
}

export type ResolutionName = 'REMOVED' | 'DISMISSED';

/** Somebody else was first. */
export class AlreadyResolvedError extends DomainError {
  readonly code = 'ALREADY_RESOLVED';
  readonly resolution: ResolutionName;
  constructor(resolution: ResolutionName) {
    super(
      `The reports are resolved already: the message was ${resolution === 'REMOVED' ? 'removed' : 'left as it is'}.`,
    );
    this.resolution = resolution;
  }
  override extras() {
    return { resolution: this.resolution };
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
