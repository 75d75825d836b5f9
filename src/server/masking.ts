import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { isUnavailable } from '../db/faults.ts';
import { DomainError, type ErrorCode, UnavailableError } from '../errors.ts';
import type { Log } from '../log.ts';

/** HTTP statuses of errors that concern the whole request. */
const statuses: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  LIMIT_EXCEEDED: 400,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
};

/** An error as clients may see it: coded, without a trace of the inside. Faults are logged with the id the client gets. */
export function presentError(
  error: unknown,
  { log, requestId = randomUUID() }: { log: Log; requestId?: string },
): GraphQLError {
  const cause = rootCause(error);
  const at =
    error instanceof GraphQLError
      ? { nodes: error.nodes, path: error.path, source: error.source, positions: error.positions }
      : {};
  if (cause instanceof DomainError) return coded(cause, at);
  if (cause instanceof GraphQLError) return withCode(cause);
  if (isUnavailable(cause)) {
    log.warn({ requestId, err: cause }, 'a request met an unavailable database');
    return coded(new UnavailableError(), at);
  }
  log.error({ requestId, err: cause }, 'a request met a fault');
  return new GraphQLError(`Unexpected error. Request id: ${requestId}`, {
    ...at,
    extensions: { code: 'INTERNAL' satisfies ErrorCode, requestId, http: { status: 500, spec: true } },
  });
}

/** The error that was thrown: GraphQL wraps a resolver's. */
function rootCause(error: unknown): unknown {
  let current = error;
  while (current instanceof GraphQLError && current.originalError !== undefined && current.originalError !== null) {
    current = current.originalError;
  }
  return current;
}

function coded(error: DomainError, at: object): GraphQLError {
  const status = statuses[error.code];
  const http = status === undefined ? {} : { http: { status, spec: true } };
  return new GraphQLError(error.message, { ...at, extensions: { code: error.code, ...error.extras(), ...http } });
}

/** Errors of GraphQL itself (syntax, validation, coercion of variables) carry no code of ours yet. */
function withCode(error: GraphQLError): GraphQLError {
  error.extensions.code ??= 'BAD_REQUEST' satisfies ErrorCode;
  return error;
}
