import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import type { Context } from '../context.ts';
import type { ErrorCode } from '../errors.ts';
import type { Sender } from './graphql.ts';
import { codeOf, isErrorCode } from './masking.ts';
import type { Outcome } from './operations.ts';

/** Tells what became of every mutation field, however many one document has, and lets its operation know of refusals. */
export function watchMutations(
  schema: GraphQLSchema,
  onMutation: (name: string, outcome: Outcome) => void = () => {},
): GraphQLSchema {
  for (const [name, field] of Object.entries(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = async (root, args, context: Context & Sender, info) => {
      const refuse = (code: ErrorCode): void => {
        onMutation(name, code);
        context.operation.refused(code);
      };
      try {
        const result: unknown = await resolve(root, args, context, info);
        const code = refusalIn(result);
        if (code === null) onMutation(name, 'OK');
        else refuse(code);
        return result;
      } catch (error) {
        refuse(codeOf(error));
        throw error;
      }
    };
  }
  return schema;
}

/** Pothos wraps an error that is a result in a proxy, which is no instance of the error's class. */
function refusalIn(result: unknown): ErrorCode | null {
  if (typeof result !== 'object' || result === null || !('code' in result) || !('stack' in result)) return null;
  return isErrorCode(result.code) ? result.code : null;
}
