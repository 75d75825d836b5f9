import { GraphQLError, type GraphQLErrorOptions } from 'graphql';
import type { ErrorCode } from '../errors.ts';

/** A request that is none, for its client. `status`: of HTTP, whatever media type the client accepts. @default 400 */
export function badRequest(
  message: string,
  { status = 400, nodes }: { status?: number; nodes?: GraphQLErrorOptions['nodes'] } = {},
): GraphQLError {
  return new GraphQLError(message, {
    nodes,
    extensions: { code: 'BAD_REQUEST' satisfies ErrorCode, http: { status } },
  });
}
