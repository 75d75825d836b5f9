import { builder } from './builder.ts';
import {
  type DomainError,
  type ErrorCode,
  errorCodes,
  ForbiddenError,
  type InputIssue,
  InvalidInputError,
  NotConfiguredError,
  NotFoundError,
} from './errors.ts';

/** The GraphQL face of the domain errors that appear in result unions: what all have, and those of no capability. */

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

/**
 * What the type of a domain error has beside fields for its extras. An error without extras needs no more:
 * `builder.objectType(NotFullError, errorType('NotFullError', 'NOT_FULL'))`.
 */
export const errorType = (name: string, code: ErrorCode) => ({
  name,
  description: errorCodes[code],
  interfaces: [ErrorType],
});

const InputIssueType = builder.objectRef<InputIssue>('InputIssue').implement({
  description: 'What is wrong with one value of an input.',
  fields: (t) => ({
    path: t.exposeString('path', { description: 'Where in the input, dotted: `title`.' }),
    message: t.exposeString('message', { description: 'What is wrong with it.' }),
  }),
});

builder.objectType(ForbiddenError, errorType('ForbiddenError', 'FORBIDDEN'));
builder.objectType(NotFoundError, errorType('NotFoundError', 'NOT_FOUND'));
builder.objectType(NotConfiguredError, errorType('NotConfiguredError', 'NOT_CONFIGURED'));

builder.objectType(InvalidInputError, {
  ...errorType('InvalidInputError', 'INVALID_INPUT'),
  fields: (t) => ({
    issues: t.field({
      type: [InputIssueType],
      description: 'Every issue found.',
      resolve: ({ issues }) => [...issues],
    }),
  }),
});
