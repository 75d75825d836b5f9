import { createHash } from 'node:crypto';
import { type DocumentNode, Kind, print, visit } from 'graphql';
import type { Operation } from './rendering.ts';
import { subscribedField } from './subscribed-field.ts';

/** What the text alone says of an operation. */
interface Read {
  /** Of the document's text: the parser's cache, which others may flush, does not decide what is executed together. */
  digest: string;
  /** By the operation's name; null where it has none. */
  placeVariables: Map<string | null, string | null>;
}

/** Hundreds come with the same one. */
const read = new WeakMap<DocumentNode, Read>();

function readOf(document: DocumentNode): Read {
  const known = read.get(document);
  if (known !== undefined) return known;
  const text = document.loc?.source.body ?? print(document);
  const fresh = { digest: createHash('sha256').update(text).digest('base64'), placeVariables: new Map() };
  read.set(document, fresh);
  return fresh;
}

/**
 * Equal for operations that make the same of every item: the same document, name and variables, but for the place to continue
 * behind.
 */
export function operationKey({ document, operationName, variableValues }: Operation): string {
  const { digest, placeVariables } = readOf(document);
  const name = operationName ?? null;
  let place = placeVariables.get(name);
  if (place === undefined) {
    place = placeVariable(document, name);
    placeVariables.set(name, place);
  }
  const { [place ?? '']: _place, ...others } = variableValues ?? {};
  return JSON.stringify([digest, name, sorted(others)]);
}

/** The variable that the subscription's `after` is given by; null when there is none, or it is used for something else too. */
function placeVariable(document: DocumentNode, operationName: string | null): string | null {
  const [field] = subscribedField(document, operationName);
  const value = field?.arguments?.find(({ name }) => name.value === 'after')?.value;
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
