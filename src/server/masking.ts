import { GraphQLError, type GraphQLErrorOptions } from 'graphql';
import { isMalformedValue, isUnavailable } from '../db/faults.ts';
import { DomainError, type ErrorCode, errorCodes, UnavailableError } from '../errors.ts';
import type { Log } from '../log.ts';

/** HTTP statuses of errors that concern the whole request. One field's error leaves the answer as it is: 200. */
const statuses: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  LIMIT_EXCEEDED: 400,
  PERSISTED_OPERATION_NOT_FOUND: 400,
  PERSISTED_OPERATIONS_ONLY: 400,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
  INTERNAL: 500,
};

/** What is fit for clients already: an error may pass here more than once on its way out. */
const presented = new WeakSet<GraphQLError>();

export interface Presenting {
  log: Log;
  /** Whether GraphQL may propose names of the schema to whoever mistypes one. */
  suggestions: boolean;
  /** Given to the client, and in the log. */
  requestId: string;
  /** In the log only. */
  userId?: string | null;
  /** The operation is known to be good: what GraphQL itself finds wrong is a fault of the server. @default false */
  sound?: boolean;
}

/** An error as clients may see it: coded, without a trace of the inside. Faults are logged with the id the client gets. */
export function presentError(error: unknown, presenting: Presenting): GraphQLError {
  if (error instanceof GraphQLError && presented.has(error)) return error;
  const fit = fitForClients(error, presenting);
  presented.add(fit);
  return fit;
}

function fitForClients(
  error: unknown,
  { log, suggestions, requestId, userId = null, sound = false }: Presenting,
): GraphQLError {
  const cause = rootCause(error);
  const at = error instanceof GraphQLError ? placeOf(error) : {};
  if (cause instanceof DomainError) return coded(cause, cause.extras(), at);
  if (error instanceof GraphQLError && cause instanceof GraphQLError && !sound) return graphqlsOwn(error, suggestions);
  if (isUnavailable(cause)) {
    log.warn({ requestId, userId, err: cause }, 'a request met an unavailable database');
    const unavailable = new UnavailableError();
    return coded(unavailable, unavailable.extras(), at);
  }
  if (isMalformedValue(cause)) {
    log.warn({ requestId, userId, err: cause }, 'a request had a value that the database could not read');
    return new GraphQLError('A value in the request is malformed.', {
      ...at,
      extensions: { code: 'BAD_REQUEST' satisfies ErrorCode },
    });
  }
  log.error({ requestId, userId, err: cause }, 'a request met a fault');
  return coded({ message: `Unexpected error. Request id: ${requestId}`, code: 'INTERNAL' }, { requestId }, at);
}

/** The code that a client gets for an error. */
export function codeOf(error: unknown): ErrorCode {
  const cause = rootCause(error);
  if (cause instanceof DomainError) return cause.code;
  if (cause instanceof GraphQLError) return isErrorCode(cause.extensions.code) ? cause.extensions.code : 'BAD_REQUEST';
  if (isUnavailable(cause)) return 'UNAVAILABLE';
  return isMalformedValue(cause) ? 'BAD_REQUEST' : 'INTERNAL';
}

/** The error that was thrown: GraphQL wraps a resolver's. */
function rootCause(error: unknown): unknown {
  let current = error;
  while (current instanceof GraphQLError && current.originalError !== undefined && current.originalError !== null) {
    current = current.originalError;
  }
  return current;
}

type Place = Pick<GraphQLErrorOptions, 'nodes' | 'path' | 'source' | 'positions'>;

const placeOf = ({ nodes, path, source, positions }: GraphQLError): Place => ({ nodes, path, source, positions });

function coded({ message, code }: { message: string; code: ErrorCode }, extras: object, at: Place): GraphQLError {
  const status = at.path === undefined ? statuses[code] : undefined;
  return withExtensions(message, at, { code, ...extras }, status === undefined ? {} : { status });
}

/**
 * Errors of GraphQL itself (syntax, validation, coercion of variables) and of requests that are none. Whatever else they
 * carry beside a code and a status is the library's business.
 */
function graphqlsOwn(error: GraphQLError, suggestions: boolean): GraphQLError {
  const given: unknown = error.extensions.code;
  const http: { status?: unknown } = { ...Object(error.extensions.http), spec: isDocumentsFault(given) };
  const code = http.status === 413 ? 'LIMIT_EXCEEDED' : isErrorCode(given) ? given : 'BAD_REQUEST';
  const message = suggestions ? error.message : error.message.replace(suggestion, '');
  return withExtensions(
    message.length > longestMessage ? `${message.slice(0, longestMessage)}…` : message,
    placeOf(error),
    { code },
    http,
  );
}

/** GraphQL says again what it was given, in each message. In characters. */
const longestMessage = 500;

/** How GraphQL ends a message about a name it does not know: of a field, an argument, an enum's value, in documents and variables. */
const suggestion = / Did you mean .*$/s;

/** GraphQL over HTTP: a request whose document is wrong is a good request (200) for who accepts application/json only. */
const isDocumentsFault = (code: unknown): boolean =>
  code === 'GRAPHQL_PARSE_FAILED' || code === 'GRAPHQL_VALIDATION_FAILED';

export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(errorCodes, code);

function withExtensions(message: string, at: Place, extensions: Record<string, unknown>, http: object): GraphQLError {
  // Yoga makes the response's status of it. Not enumerable: no transport sends it to the client.
  Object.defineProperty(extensions, 'http', { value: http });
  return new GraphQLError(message, { ...at, extensions });
}
