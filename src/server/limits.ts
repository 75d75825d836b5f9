import { EnvelopArmorPlugin } from '@escape.tech/graphql-armor';
import { GraphQLError } from 'graphql';
import type { ErrorCode } from '../errors.ts';

/** The same on every transport (design §13). Complexity is counted by the builder. */
export const documentLimits = { tokens: 2000, depth: 12, aliases: 30, directives: 50 } as const;

/** The largest request body and the largest WebSocket message, in bytes. */
export const byteLimits = { body: 100 * 1024, socketMessage: 64 * 1024 } as const;

function refuse(_context: unknown, error: GraphQLError): never {
  throw new GraphQLError(error.message.replace(/^Syntax Error: /, ''), {
    extensions: { code: 'LIMIT_EXCEEDED' satisfies ErrorCode, http: { status: 400, spec: false } },
  });
}

/** Refuses documents that are too large before they are executed; Yoga runs it for every transport. */
export function useDocumentLimits() {
  const onReject = [refuse];
  return EnvelopArmorPlugin({
    maxTokens: { n: documentLimits.tokens, onReject },
    maxDepth: { n: documentLimits.depth, flattenFragments: true, onReject },
    maxAliases: { n: documentLimits.aliases, onReject },
    maxDirectives: { n: documentLimits.directives, onReject },
    costLimit: { enabled: false },
    // It misses those for enums, arguments and variables: masking.ts leaves out all of them.
    blockFieldSuggestion: { enabled: false },
  });
}
