import { type DocumentNode, getOperationAST, Kind, visit } from 'graphql';
import type { Operation } from './rendering.ts';

const numbers = new WeakMap<DocumentNode, number>();
let documents = 0;

/**
 * Equal for operations that make the same of every item: the same document (one object: the parser's cache sees to it), name
 * and variables, but for the place to continue behind.
 */
export function operationKey({ document, operationName, variableValues }: Operation): string {
  let number = numbers.get(document);
  if (number === undefined) {
    number = ++documents;
    numbers.set(document, number);
  }
  const { [placeVariable(document, operationName) ?? '']: _place, ...others } = variableValues ?? {};
  return JSON.stringify([number, operationName ?? null, sorted(others)]);
}

/** The variable that the subscription's `after` is given by; null when there is none, or it is used for something else too. */
function placeVariable(document: DocumentNode, operationName: string | null | undefined): string | null {
  const [field] = getOperationAST(document, operationName)?.selectionSet.selections ?? [];
  if (field?.kind !== Kind.FIELD) return null;
  const value = field.arguments?.find(({ name }) => name.value === 'after')?.value;
  if (value?.kind !== Kind.VARIABLE) return null;
  const name = value.name.value;
  let uses = 0;
  visit(document, {
    Variable: (variable) => {
      if (variable.name.value === name) uses++;
    },
  });
  // Its definition and this use.
  return uses === 2 ? name : null;
}

/** The same value with the keys of its objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]));
}
