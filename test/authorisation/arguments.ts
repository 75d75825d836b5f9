import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type OperationTypeNode,
} from 'graphql';

/** One value that a client gives: an argument of a root field, or a field of its input. */
export interface Place {
  operation: `${OperationTypeNode}`;
  field: string;
  /** The argument, and where in its input object. */
  path: readonly [string] | readonly [string, string];
  /** The scalar's or enum's name. */
  type: string;
  isList: boolean;
}

/** Every place of the API where a value can stand. */
export function placesIn(schema: GraphQLSchema): Place[] {
  const roots = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  };
  return Object.entries(roots).flatMap(([operation, root]) =>
    Object.values(root?.getFields() ?? {}).flatMap(({ name: field, args }) =>
      args.flatMap((argument): Place | Place[] => {
        const about = { operation: operation as Place['operation'], field };
        const named = getNamedType(argument.type);
        if (!isInputObjectType(named)) return { ...about, path: [argument.name] as const, ...shape(argument.type) };
        return Object.values(named.getFields()).map((inner) => ({
          ...about,
          path: [argument.name, inner.name] as const,
          ...shape(inner.type),
        }));
      }),
    ),
  );
}

const shape = (type: GraphQLInputType) => ({
  type: getNamedType(type).name,
  isList: isListType(isNonNullType(type) ? type.ofType : type),
});

export const nameOf = ({ operation, field, path }: Place): string => `${operation} ${field}.${path.join('.')}`;

/**
 * A document for the field, as `found`, with each argument as a variable of the same name. `times`: as `found0` and so on, each
 * with variables of its own, as `numbered` gives them.
 */
export function documentFor(
  schema: GraphQLSchema,
  { operation, field }: Pick<Place, 'operation' | 'field'>,
  times?: number,
): string {
  const root = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  };
  const args = root[operation]?.getFields()[field]?.args ?? [];
  const suffixes = times === undefined ? [''] : Array.from({ length: times }, (_, index) => `${index}`);
  const declared = suffixes.flatMap((suffix) => args.map(({ name, type }) => `$${name}${suffix}: ${type}`));
  const calls = suffixes.map((suffix) => {
    const given = args.map(({ name }) => `${name}: $${name}${suffix}`).join(', ');
    return `found${suffix}: ${field}${given === '' ? '' : `(${given})`} { __typename }`;
  });
  return `${operation}${declared.length === 0 ? '' : `(${declared.join(', ')})`} { ${calls.join(' ')} }`;
}

/** Variables for `documentFor` several times. */
export const numbered = (variables: readonly Readonly<Record<string, unknown>>[]): Record<string, unknown> =>
  Object.fromEntries(
    variables.flatMap((own, index) => Object.entries(own).map(([name, value]) => [`${name}${index}`, value])),
  );

/** The variables with another value in one place. Made as JSON, so that `__proto__` is a key like any other. */
export function withValue(
  variables: Readonly<Record<string, unknown>>,
  { path, isList }: Place,
  value: unknown,
): string {
  const [argument, inner] = path;
  const given = isList && !Array.isArray(value) ? [value] : value;
  if (inner === undefined) return JSON.stringify({ ...variables, [argument]: given });
  return JSON.stringify({ ...variables, [argument]: { ...Object(variables[argument]), [inner]: given } });
}
