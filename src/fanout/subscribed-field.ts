import { type DocumentNode, type FieldNode, getOperationAST, Kind, type SelectionSetNode } from 'graphql';

/**
 * The field that a valid subscription consists of: GraphQL allows one, which may stand within fragments, and may be written in pieces
 * that select different parts of its items.
 */
export function subscribedField(document: DocumentNode, operationName: string | null | undefined): FieldNode[] {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition.selectionSet);
  }
  const pieces: FieldNode[] = [];
  const seen = new Set<SelectionSetNode | undefined>();
  const look = (selections: SelectionSetNode | undefined): void => {
    if (seen.has(selections)) return;
    seen.add(selections);
    for (const selection of selections?.selections ?? []) {
      if (selection.kind === Kind.FIELD) pieces.push(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) look(selection.selectionSet);
      else look(fragments.get(selection.name.value));
    }
  };
  look(getOperationAST(document, operationName)?.selectionSet);
  return pieces;
}
