import { type GraphQLNamedOutputType, getNamedType, isAbstractType, isObjectType, isUnionType } from 'graphql';
import { createSchema } from '../../src/schema.ts';

/** A selection of every field that the items of a feed have, however deep: what is new in them is asked for, too. */
export function everythingOf(union: string): string {
  const schema = createSchema();
  const type = schema.getType(union);
  if (!isUnionType(type)) throw new Error(`${union} is no union`);
  const members = type.getTypes().map((member) => `... on ${member.name} ${selectionOf(member)}`);
  return `{ __typename ${members.join(' ')} }`;
}

/** Throws for what has arguments or more than one type: facts have neither. */
function selectionOf(type: GraphQLNamedOutputType): string {
  if (isAbstractType(type)) throw new Error(`a fact leads to ${type.name}, which is of more than one type`);
  if (!isObjectType(type)) return '';
  const fields = Object.values(type.getFields()).map((field) => {
    if (field.args.length > 0) throw new Error(`${type.name}.${field.name} of a fact has arguments`);
    return `${field.name} ${selectionOf(getNamedType(field.type))}`;
  });
  return `{ ${fields.join(' ')} }`;
}
