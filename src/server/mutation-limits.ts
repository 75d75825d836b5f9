import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import type { Context } from '../context.ts';
import { isLimitName, type LimitName } from './rate-limits.ts';

/**
 * Counts every mutation field against its sender's share, whatever the transport and however many one document has. A field whose
 * `extensions.rateLimit` names another limit counts against that one alone.
 */
export function limitMutations(schema: GraphQLSchema): GraphQLSchema {
  for (const [name, field] of Object.entries(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve ?? defaultFieldResolver;
    const limit = limitOf(name, field.extensions.rateLimit ?? 'mutation');
    field.resolve = async (root, args, context: Context, info) => {
      const { viewer, client, rateLimits } = context;
      await rateLimits.consume(limit, [viewer === null ? `address:${client.network}` : `user:${viewer.id}`]);
      return resolve(root, args, context, info);
    };
  }
  return schema;
}

function limitOf(field: string, named: unknown): LimitName {
  if (!isLimitName(named)) throw new Error(`${field} names a rate limit that there is not: ${String(named)}`);
  return named;
}
