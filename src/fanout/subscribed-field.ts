import { type DocumentNode, type FieldNode, getOperationAST, Kind, type SelectionSetNode } from 'graphql';
import { fragmentsOf } from '../fragments.ts';

/**
 * The field that a valid subscription consists of: GraphQL allows one, which may stand within fragments, and may be written in pieces
 * that select different parts of its items.
 */
export function subscribedField(document: DocumentNode, operationName: string | null | undefined): FieldNode[] {
  const fragments = fragmentsOf(document);
  const pieces: FieldNode[] = [];
  const seen = new Set<SelectionSetNode | undefined>();
  const look = (selections: SelectionSetNode | undefined): void => {
    if (seen.has(selections)) return;
    seen.add(selections);
    for (const selection of selections?.selections ?? []) {
      if (selection.kind === Kind.FIELD) pieces.push(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) look(selection.selectionSet);
      else look(fragments.get(selection.name.value)?.selectionSet);
    }
  };
  look(getOperationAST(document, operationName)?.selectionSet);
  return pieces;
}
