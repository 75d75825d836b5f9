import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  validate,
} from 'graphql';
import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import { LimitExceededError } from '../errors.ts';
import { badRequest } from './bad-request.ts';
import { comparisons, selectionSize, textSize, valueSize } from './document-size.ts';

/** The same on every transport (design §13). Complexity is counted by the builder. */
export const documentLimits = {
  tokens: 2000,
  depth: 12,
  aliases: 30,
  directives: 50,
  /** A hundred fields of one name, or fragments, each compared with each. */
  comparisons: 10_000,
  /** Brackets of any kind within one another: in the text, and in the variables. */
  nesting: 64,
  /** What the lists and objects of the variables hold, in all. */
  values: 1000,
  /** What GraphQL finds wrong is told up to here. */
  errors: 10,
  /** Up to so many mistakes it is said what was meant instead: each name is compared with all of the schema's. */
  suggestions: 3,
} as const;

/** In bytes, but for the parts. */
export const byteLimits = {
  /** The largest request body. */
  body: 100 * 1024,
  /** Pieces that it may arrive in: each is work, however small. */
  bodyParts: 1000,
  /** The largest WebSocket message. */
  socketMessage: 64 * 1024,
  /** Bodies that are still arriving, over all requests. */
  arriving: 32 * 1024 * 1024,
  /** What is still read behind a refusal, so that a client that sends on gets to read it. */
  afterRefusal: 16 * 1024 * 1024,
} as const;

/** How long a client takes at most, in ms. */
export const requestTimes = { headers: 10_000, whole: 20_000, lookedAtEvery: 2500 } as const;

function refuseBeyond(found: number, most: number, what: string): void {
  if (found > most) throw new LimitExceededError(`At most ${most} ${what}.`);
}

export interface DocumentLimits {
  /** Whether a document would have to be parsed. What was before is not too large. */
  isNew: (text: string) => boolean;
  /** GraphQL says which names resemble one that it does not know. */
  suggestions: boolean;
}

/**
 * Refuses documents and variables that are too large, each as soon as that can be seen; Yoga runs it for every transport. GraphQL's own
 * parser and rules get only what is not.
 */
export function useDocumentLimits({ isNew, suggestions }: DocumentLimits): Plugin<YogaInitialContext> {
  return {
    onParse({ params: { source }, context: { params } }) {
      const most = { depth: documentLimits.nesting, values: documentLimits.values };
      const { depth, values } = valueSize(params?.variables, most);
      refuseBeyond(depth, most.depth, 'lists and objects within one another');
      refuseBeyond(values, most.values, 'values in the variables');
      const text = String(source);
      if (!isNew(text)) return;
      const { tokens, directives, nesting } = textSize(text, documentLimits.tokens);
      refuseBeyond(tokens, documentLimits.tokens, 'tokens in a document');
      refuseBeyond(directives, documentLimits.directives, 'directives in a document');
      refuseBeyond(nesting, documentLimits.nesting, 'brackets within one another');
    },
    onValidate({ params: { schema, documentAST }, context: { params }, setValidationFn }) {
      setValidationFn((schema, document, rules) => {
        const { depth, aliases } = selectionSize(document);
        refuseBeyond(depth, documentLimits.depth, 'fields within one another');
        refuseBeyond(aliases, documentLimits.aliases, 'aliases in an operation');
        if (comparisons(document) > documentLimits.comparisons) {
          throw new LimitExceededError('Too many fields of one name, or fragments.');
        }
        const limits = { maxErrors: documentLimits.errors };
        const errors = validate(schema, document, rules, { ...limits, hideSuggestions: true });
        const few = errors.length > 0 && errors.length <= documentLimits.suggestions;
        return suggestions && few ? validate(schema, document, rules, limits) : errors;
      });
      return ({ valid }) => {
        const errors = valid ? wrongVariables(schema, documentAST, params) : [];
        // Thrown: the result of a validation is remembered for all who send this document.
        if (errors.length > 0) throw new AggregateError(errors, 'The variables are wrong.');
      };
    },
  };
}

/** As execution will find them, but not as many: each is told with all that was given. */
function wrongVariables(
  schema: GraphQLSchema,
  document: DocumentNode,
  params: YogaInitialContext['params'] | undefined,
): GraphQLError[] {
  const definitions = getOperationAST(document, params?.operationName)?.variableDefinitions ?? [];
  if (definitions.length === 0) return [];
  const coerced = getVariableValues(schema, definitions, params?.variables ?? {}, { maxErrors: documentLimits.errors });
  // A request like any other that is malformed, whatever its client accepts.
  return (coerced.errors ?? []).map(({ message, nodes }) => badRequest(message, { nodes }));
}
