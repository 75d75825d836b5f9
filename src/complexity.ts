import { type GraphQLField, getNamedType, getNullableType, isLeafType, isListType } from 'graphql';

/** Connections give at most this many nodes, and so many unless asked otherwise. */
export const page = { max: 100, default: 20 } as const;

/** What one operation may cost. */
export const complexityLimit = 1000;

/** What a list counts for that says nothing of its length. */
const usualLength = 10;

/** One for each object; values are free, for the document's length bounds them. A connection counts its page size times its content. */
export function fieldCost(
  args: Record<string, unknown>,
  _context: unknown,
  field: Pick<GraphQLField<unknown, unknown>, 'type' | 'args' | 'name'>,
): { field: number; multiplier: number } {
  return { field: isLeafType(getNamedType(field.type)) ? 0 : 1, multiplier: multiplierOf(args, field) };
}

/** How often what stands within a field is executed. `length`: of a list that says nothing of it. */
export function multiplierOf(
  { first, last }: Record<string, unknown>,
  { type, args, name }: Pick<GraphQLField<unknown, unknown>, 'type' | 'args' | 'name'>,
  length = usualLength,
): number {
  if (args.some((arg) => arg.name === 'first')) return Math.max(1, Number(first ?? last ?? page.default));
  // The connection they belong to has been multiplied already.
  if (name === 'edges' || name === 'nodes') return 1;
  return isListType(getNullableType(type)) ? length : 1;
}
