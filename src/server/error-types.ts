import { builder } from '../builder.ts';
import {
  AlreadySanctionedError,
  CapacityError,
  type DomainError,
  EmailTakenError,
  type ErrorCode,
  EventNotOpenError,
  errorCodes,
  ForbiddenError,
  HostingEventError,
  IdempotencyConflictError,
  IllegalTransitionError,
  type InputIssue,
  InvalidCredentialsError,
  InvalidInputError,
  InvalidRefreshTokenError,
  InvalidTokenError,
  NotConfiguredError,
  NotFoundError,
  NotParticipantError,
  SanctionedError,
  SlowModeError,
  UsernameTakenError,
} from '../errors.ts';
import { EventStatusType } from '../events/status-schema.ts';
import { SanctionKindType } from '../moderation/terms-schema.ts';

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
  [NotParticipantError, 'NotParticipantError', errorCodes.NOT_PARTICIPANT],
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

builder.objectType(SlowModeError, {
  name: 'SlowModeError',
  description: errorCodes.SLOW_MODE,
  interfaces: [ErrorType],
  fields: (t) => ({
    retryAfterMs: t.exposeInt('retryAfterMs', { description: 'Milliseconds until the next message is taken.' }),
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
