import { builder } from '../builder.ts';
import { ChatModeType } from '../chat/mode-schema.ts';
import {
  AlreadyResolvedError,
  AlreadySanctionedError,
  AlreadyStakedError,
  AlreadyVotedError,
  BlockedWordError,
  CapacityError,
  ChatModeError,
  type DomainError,
  EmailTakenError,
  type ErrorCode,
  EventNotOpenError,
  errorCodes,
  ForbiddenError,
  GoalStatusError,
  HostingEventError,
  IdempotencyConflictError,
  IllegalTransitionError,
  type InputIssue,
  InsufficientPointsError,
  InvalidCredentialsError,
  InvalidInputError,
  InvalidRefreshTokenError,
  InvalidTokenError,
  NoOfferError,
  NotConfiguredError,
  NotFoundError,
  NotFullError,
  NotParticipantError,
  OfferExpiredError,
  PerkUnavailableError,
  PollStatusError,
  PredictionStatusError,
  QuestionStatusError,
  ReactionNotAllowedError,
  RedemptionSettledError,
  SanctionedError,
  SlowModeError,
  TooManyQuestionsError,
  UsernameTakenError,
} from '../errors.ts';
import { EventStatusType } from '../events/status-schema.ts';
import { GoalStatusType } from '../goals/status-schema.ts';
import { SanctionKindType } from '../moderation/terms-schema.ts';
import { PollStatusType } from '../polls/status-schema.ts';
import { PredictionStatusType } from '../predictions/status-schema.ts';
import { QuestionStatusType } from '../questions/status-schema.ts';
import { ReportResolutionType } from '../reports/resolution-schema.ts';
import type { PerkRefusal } from '../rewards/perk-rules.ts';
import { RedemptionStatusType } from '../rewards/redemption-schema.ts';

/** The GraphQL face of the domain errors that appear in result unions. */

const ErrorCodeType = builder.enumType('ErrorCode', {
  description: 'Why something was refused. The same codes stand in `extensions.code` of top-level errors.',
  values: Object.fromEntries(
    Object.entries(errorCodes).map(([code, description]) => [code, { description, value: code }]),
  ) as { [Code in ErrorCode]: { description: string; value: Code } },
});

const ErrorType = builder.interfaceRef<DomainError>('Error').implement({
  description: 'A refusal. Every error of every result union is one: `... on Error { code message }` always works.',
  fields: (t) => ({
    code: t.field({ type: ErrorCodeType, description: 'For programs.', resolve: ({ code }) => code }),
    message: t.exposeString('message', { description: 'For developers, in English. Show your own words to users.' }),
  }),
});

const InputIssueType = builder.objectRef<InputIssue>('InputIssue').implement({
  description: 'What is wrong with one value of an input.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Where in the input, dotted: `title`.' }),
    message: t.exposeString('message', { description: 'What is wrong with it.' }),
  }),
});

const plain = [
  [ForbiddenError, 'ForbiddenError', errorCodes.FORBIDDEN],
  [NotFoundError, 'NotFoundError', errorCodes.NOT_FOUND],
  [InvalidCredentialsError, 'InvalidCredentialsError', errorCodes.INVALID_CREDENTIALS],
  [InvalidRefreshTokenError, 'InvalidRefreshTokenError', errorCodes.INVALID_REFRESH_TOKEN],
  [InvalidTokenError, 'InvalidTokenError', errorCodes.INVALID_TOKEN],
  [NotConfiguredError, 'NotConfiguredError', errorCodes.NOT_CONFIGURED],
  [UsernameTakenError, 'UsernameTakenError', errorCodes.USERNAME_TAKEN],
  [EmailTakenError, 'EmailTakenError', errorCodes.EMAIL_TAKEN],
  [HostingEventError, 'HostingEventError', errorCodes.HOSTING_EVENT],
  [NotFullError, 'NotFullError', errorCodes.NOT_FULL],
  [NoOfferError, 'NoOfferError', errorCodes.NO_OFFER],
  [NotParticipantError, 'NotParticipantError', errorCodes.NOT_PARTICIPANT],
  [AlreadyVotedError, 'AlreadyVotedError', errorCodes.ALREADY_VOTED],
  [AlreadyStakedError, 'AlreadyStakedError', errorCodes.ALREADY_STAKED],
  [BlockedWordError, 'BlockedWordError', errorCodes.BLOCKED_WORD],
  [IdempotencyConflictError, 'IdempotencyConflictError', errorCodes.IDEMPOTENCY_CONFLICT],
] as const;
for (const [type, name, description] of plain) {
  builder.objectType(type, { name, description, interfaces: [ErrorType] });
}

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description: errorCodes.INVALID_INPUT,
  interfaces: [ErrorType],
  fields: (t) => ({
    issues: t.field({
      type: [InputIssueType],
      description: 'Every issue found.',
      resolve: ({ issues }) => [...issues],
    }),
  }),
});

builder.objectType(CapacityError, {
  name: 'CapacityError',
  description: errorCodes.CAPACITY_REACHED,
  interfaces: [ErrorType],
  fields: (t) => ({ capacity: t.exposeInt('capacity', { description: 'Seats the event has.' }) }),
});

builder.objectType(OfferExpiredError, {
  name: 'OfferExpiredError',
  description: errorCodes.OFFER_EXPIRED,
  interfaces: [ErrorType],
  fields: (t) => ({
    offeredUntil: t.expose('offeredUntil', { type: 'DateTime', description: 'When the offer ended.' }),
  }),
});

builder.objectType(ReactionNotAllowedError, {
  name: 'ReactionNotAllowedError',
  description: errorCodes.REACTION_NOT_ALLOWED,
  interfaces: [ErrorType],
  fields: (t) => ({
    allowed: t.stringList({ description: 'What the event allows.', resolve: ({ allowed }) => [...allowed] }),
  }),
});

const PerkRefusalType = builder.enumType('PerkRefusal', {
  description: 'Why a perk cannot be had now.',
  values: {
    ARCHIVED: { description: 'The host took it off the list.' },
    OUT_OF_STOCK: { description: 'None is left.' },
    COOLDOWN: { description: 'Somebody took one a moment ago: wait for `retryAfterMs`.' },
    MAX_PER_EVENT: { description: 'The event has had all of it.' },
    MAX_PER_USER: { description: 'The viewer has had all of theirs in this event.' },
  } satisfies Record<PerkRefusal, { description: string }>,
});

builder.objectType(PerkUnavailableError, {
  name: 'PerkUnavailableError',
  description: errorCodes.PERK_UNAVAILABLE,
  interfaces: [ErrorType],
  fields: (t) => ({
    perkRefusal: t.field({ type: PerkRefusalType, description: 'Why.', resolve: ({ perkRefusal }) => perkRefusal }),
    retryAfterMs: t.int({
      nullable: true,
      description: 'Milliseconds until it can be had; null: waiting does not help.',
      resolve: ({ retryAfterMs }) => retryAfterMs,
    }),
  }),
});

builder.objectType(RedemptionSettledError, {
  name: 'RedemptionSettledError',
  description: errorCodes.REDEMPTION_SETTLED,
  interfaces: [ErrorType],
  fields: (t) => ({
    redemptionStatus: t.field({
      type: RedemptionStatusType,
      description: 'What became of it.',
      resolve: ({ redemptionStatus }) => redemptionStatus,
    }),
  }),
});

builder.objectType(InsufficientPointsError, {
  name: 'InsufficientPointsError',
  description: errorCodes.INSUFFICIENT_POINTS,
  interfaces: [ErrorType],
  fields: (t) => ({ balance: t.expose('balance', { type: 'SafeInt', description: 'Points that the wallet holds.' }) }),
});

builder.objectType(SlowModeError, {
  name: 'SlowModeError',
  description: errorCodes.SLOW_MODE,
  interfaces: [ErrorType],
  fields: (t) => ({
    retryAfterMs: t.exposeInt('retryAfterMs', { description: 'Milliseconds until the next message is taken.' }),
  }),
});

builder.objectType(TooManyQuestionsError, {
  name: 'TooManyQuestionsError',
  description: errorCodes.TOO_MANY_QUESTIONS,
  interfaces: [ErrorType],
  fields: (t) => ({ limit: t.exposeInt('limit', { description: 'Questions of one participant that may wait.' }) }),
});

builder.objectType(QuestionStatusError, {
  name: 'QuestionStatusError',
  description: errorCodes.QUESTION_STATUS,
  interfaces: [ErrorType],
  fields: (t) => ({
    questionStatus: t.field({
      type: QuestionStatusType,
      description: "The question's present status.",
      resolve: ({ questionStatus }) => questionStatus,
    }),
  }),
});

builder.objectType(ChatModeError, {
  name: 'ChatModeError',
  description: errorCodes.CHAT_MODE,
  interfaces: [ErrorType],
  fields: (t) => ({
    mode: t.field({ type: ChatModeType, description: 'The mode that refuses it.', resolve: ({ mode }) => mode }),
    retryAfterMs: t.exposeInt('retryAfterMs', {
      description: 'Milliseconds until the same message is taken; 0 where waiting does not help.',
    }),
  }),
});

builder.objectType(AlreadyResolvedError, {
  name: 'AlreadyResolvedError',
  description: errorCodes.ALREADY_RESOLVED,
  interfaces: [ErrorType],
  fields: (t) => ({
    resolution: t.field({
      type: ReportResolutionType,
      description: 'What was decided.',
      resolve: ({ resolution }) => resolution,
    }),
  }),
});

for (const [type, name, description] of [
  [IllegalTransitionError, 'IllegalTransitionError', errorCodes.ILLEGAL_TRANSITION],
  [EventNotOpenError, 'EventNotOpenError', errorCodes.EVENT_NOT_OPEN],
] as const) {
  builder.objectType(type, {
    name,
    description,
    interfaces: [ErrorType],
    fields: (t) => ({
      status: t.field({
        type: EventStatusType,
        description: "The event's present status.",
        resolve: ({ status }) => status,
      }),
    }),
  });
}

builder.objectType(PollStatusError, {
  name: 'PollStatusError',
  description: errorCodes.POLL_STATUS,
  interfaces: [ErrorType],
  fields: (t) => ({
    pollStatus: t.field({
      type: PollStatusType,
      description: "The poll's present status.",
      resolve: ({ pollStatus }) => pollStatus,
    }),
  }),
});

builder.objectType(PredictionStatusError, {
  name: 'PredictionStatusError',
  description: errorCodes.PREDICTION_STATUS,
  interfaces: [ErrorType],
  fields: (t) => ({
    predictionStatus: t.field({
      type: PredictionStatusType,
      description: "The prediction's present status.",
      resolve: ({ predictionStatus }) => predictionStatus,
    }),
  }),
});

builder.objectType(GoalStatusError, {
  name: 'GoalStatusError',
  description: errorCodes.GOAL_STATUS,
  interfaces: [ErrorType],
  fields: (t) => ({
    goalStatus: t.field({
      type: GoalStatusType,
      description: "The goal's present status.",
      resolve: ({ goalStatus }) => goalStatus,
    }),
  }),
});

for (const [type, name, description] of [
  [SanctionedError, 'SanctionedError', errorCodes.SANCTIONED],
  [AlreadySanctionedError, 'AlreadySanctionedError', errorCodes.ALREADY_SANCTIONED],
] as const) {
  builder.objectType(type, {
    name,
    description,
    interfaces: [ErrorType],
    fields: (t) => ({
      kind: t.field({ type: SanctionKindType, description: 'What it is.', resolve: ({ kind }) => kind }),
      until: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When it ends; null: when it is lifted.',
        resolve: ({ until }) => until,
      }),
      reason: t.exposeString('reason', { description: "The moderator's words; may be empty." }),
    }),
  });
}
