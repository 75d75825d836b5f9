import { type GraphQLField, type GraphQLObjectType, type GraphQLSchema, isObjectType } from 'graphql';

const fields: Readonly<Record<string, string>> = {
  id: 'Global id: names this object in every argument that takes an id, and in `node`.',
  edges: 'The objects of this page, in order.',
  node: 'The object.',
  cursor: 'Where the object lies: give it as `after` or `before` to page on from here.',
  pageInfo: 'Whether and from where there is more.',
  totalCount:
    'How many there are in all, without the bounds of the page. Costs a query of its own: ask for it where it is shown.',
  hasNextPage: 'Whether there are more behind this page. Known only when paging forwards.',
  hasPreviousPage: 'Whether there are more before this page. Known only when paging backwards.',
  startCursor: 'Cursor of the first object of the page; null when it is empty.',
  endCursor: 'Cursor of the last object of the page; null when it is empty.',
};

const args: Readonly<Record<string, string>> = {
  first: 'Give this many from the start, or behind `after`: at most 100. Default: 20.',
  after: 'Only what lies behind this cursor.',
  last: 'Give this many from the end, or before `before`: at most 100.',
  before: 'Only what lies before this cursor.',
  id: 'The global id.',
};

/** Says of what Relay's conventions bring along what it means to a front end. What is described already stays. */
export function describeRelay(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!('getFields' in type) || type.name.startsWith('__')) continue;
    if (isObjectType(type)) type.description ??= descriptionOf(type);
    for (const field of Object.values(type.getFields())) {
      field.description ??= fields[field.name];
      if ('args' in field) describeArguments(field);
    }
  }
  return schema;
}

function descriptionOf({ name }: GraphQLObjectType): string | undefined {
  if (name.endsWith('Connection')) return 'A page of a list.';
  if (name.endsWith('ConnectionEdge')) return 'An object of a list and its place there.';
  return undefined;
}

function describeArguments(field: GraphQLField<unknown, unknown>): void {
  for (const arg of field.args) arg.description ??= args[arg.name];
}
