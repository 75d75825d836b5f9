import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import type { Context } from '../context.ts';

/** Counts every mutation field against its sender's share, whatever the transport and however many one document has. */
export function limitMutations(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = async (root, args, context: Context, info) => {
      const { viewer, client, rateLimits } = context;
      await rateLimits.consume('mutation', [viewer === null ? `address:${client.network}` : `user:${viewer.id}`]);
      return resolve(root, args, context, info);
    };
  }
  return schema;
}
