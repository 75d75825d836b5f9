import { type DocumentNode, Kind, Lexer, type SelectionSetNode, Source, TokenKind } from 'graphql';
import { fragmentsOf } from '../fragments.ts';

/** What a document's text shows, before anything is made of it. */
export interface TextSize {
  tokens: number;
  directives: number;
  /** Brackets of any kind within one another. A parser descends as deep. */
  nesting: number;
}

/** Reads the text's tokens up to the first that is one too many, or is none: the parser will say so. */
export function textSize(text: string, most: number): TextSize {
  const lexer = new Lexer(new Source(text));
  const size = { tokens: 0, directives: 0, nesting: 0 };
  let open = 0;
  for (let kind = next(lexer); kind !== TokenKind.EOF && size.tokens <= most; kind = next(lexer)) {
    size.tokens++;
    if (kind === TokenKind.AT) size.directives++;
    else if (kind === TokenKind.BRACE_L || kind === TokenKind.BRACKET_L || kind === TokenKind.PAREN_L) open++;
    else if (kind === TokenKind.BRACE_R || kind === TokenKind.BRACKET_R || kind === TokenKind.PAREN_R) open--;
    size.nesting = Math.max(size.nesting, open);
  }
  return size;
}

function next(lexer: Lexer): TokenKind {
  try {
    return lexer.advance().kind;
  } catch {
    return TokenKind.EOF;
  }
}

/** What a document asks for, with every fragment in each place where it is spread. */
export interface SelectionSize {
  /** Fields within one another. Introspection has limits of its own. */
  depth: number;
  aliases: number;
}

/** The largest of the document's operations, in both respects. */
export function selectionSize(document: DocumentNode): SelectionSize {
  const fragments = fragmentsOf(document);
  const known = new Map<string, SelectionSize>();

  function sizeOf({ selections }: SelectionSetNode): SelectionSize {
    const size = { depth: 0, aliases: 0 };
    for (const selection of selections) {
      const isField = selection.kind === Kind.FIELD;
      const inner = isField
        ? selection.selectionSet && selection.name.value !== '__schema'
          ? sizeOf(selection.selectionSet)
          : nothing
        : selection.kind === Kind.INLINE_FRAGMENT
          ? sizeOf(selection.selectionSet)
          : sizeOfFragment(selection.name.value);
      size.depth = Math.max(size.depth, inner.depth + (isField ? 1 : 0));
      size.aliases += inner.aliases + (isField && selection.alias !== undefined ? 1 : 0);
    }
    return size;
  }

  function sizeOfFragment(name: string): SelectionSize {
    const found = known.get(name);
    if (found !== undefined) return found;
    // In a circle it stands for nothing: GraphQL refuses it.
    known.set(name, nothing);
    const fragment = fragments.get(name);
    const size = fragment === undefined ? nothing : sizeOf(fragment.selectionSet);
    known.set(name, size);
    return size;
  }

  const largest = { depth: 0, aliases: 0 };
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, aliases } = sizeOf(definition.selectionSet);
    largest.depth = Math.max(largest.depth, depth);
    largest.aliases = Math.max(largest.aliases, aliases);
  }
  return largest;
}

/**
 * How much GraphQL has to compare, at the most, to find out whether fields of one name can be merged: each with each, of those that
 * have arguments or fields of their own, and each fragment with each where they are spread together. Or, if that is more: each with
 * each of the others that stand within one pair of brackets, or each fragment of the document with each.
 */
export function comparisons({ definitions }: DocumentNode): number {
  const fields = new Map<string, number>();
  let compared = 0;
  let together = 0;

  function count({ selections }: SelectionSetNode): void {
    const values = new Map<string, number>();
    let spreads = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) spreads++;
      else if (selection.kind === Kind.INLINE_FRAGMENT) count(selection.selectionSet);
      else {
        const { value } = selection.alias ?? selection.name;
        const alike = selection.selectionSet || selection.arguments?.length ? fields : values;
        alike.set(value, (alike.get(value) ?? 0) + 1);
        if (selection.selectionSet) count(selection.selectionSet);
      }
    }
    compared += spreads ** 2;
    together = Math.max(together, ...values.values());
  }

  for (const definition of definitions) if ('selectionSet' in definition) count(definition.selectionSet);
  for (const times of fields.values()) compared += times ** 2;
  // Those that spread one another are compared with each other wherever they come together.
  const fragments = definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).length;
  return Math.max(compared, together ** 2, fragments ** 2);
}

const nothing: SelectionSize = { depth: 0, aliases: 0 };

/** Of a JSON value: lists and objects within one another, and what they hold in all. Does not descend itself, nor further than `most`. */
export function valueSize(value: unknown, most: { depth: number; values: number }): { depth: number; values: number } {
  const size = { depth: 0, values: 0 };
  let level = [value];
  while (level.length > 0 && size.depth <= most.depth && size.values <= most.values) {
    level = level.flatMap((part) => (typeof part === 'object' && part !== null ? Object.values(part) : []));
    size.values += level.length;
    level = level.filter((part) => typeof part === 'object' && part !== null);
    if (level.length > 0) size.depth++;
  }
  return size;
}
