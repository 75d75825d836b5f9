import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import ErrorsPlugin from '@pothos/plugin-errors';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { isObjectType } from 'graphql';
import { DateTimeResolver, JSONObjectResolver, SafeIntResolver } from 'graphql-scalars';
import ArgumentErrorsPlugin from './argument-errors.ts';
import { complexityLimit, fieldCost, page } from './complexity.ts';
import type { Context } from './context.ts';
import { LimitExceededError, UnauthenticatedError } from './errors.ts';
import type PrismaTypes from './generated/pothos.ts';
import { getDatamodel } from './generated/pothos.ts';
import { decodeGlobalId, encodeGlobalId } from './global-id.ts';
import NodeIdsPlugin from './node-ids.ts';

export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  AuthScopes: { signedIn: boolean };
  Scalars: {
    ID: { Input: string; Output: string | number };
    /** An instant, as an RFC 3339 string with milliseconds and zone. */
    DateTime: { Input: Date; Output: Date };
    /** An object of JSON: whoever takes one parses it. */
    JSONObject: { Input: object; Output: object };
    /** A whole number that every JSON parser keeps exact: up to 2^53 - 1. */
    SafeInt: { Input: number; Output: number };
  };
}>({
  // Outermost first: what a later plugin throws, an earlier one sees.
  plugins: [
    ErrorsPlugin,
    ScopeAuthPlugin,
    ComplexityPlugin,
    ArgumentErrorsPlugin,
    NodeIdsPlugin,
    RelayPlugin,
    PrismaPlugin,
  ],
  defaultFieldNullability: false,
  errors: {
    directResult: true,
    unsafelyHandleInputErrors: true,
    defaultUnionOptions: {
      name: ({ fieldName }) => `${fieldName.charAt(0).toUpperCase()}${fieldName.slice(1)}Result`,
      description: 'What comes of the mutation: its payload, or one of the errors it can give.',
    },
  },
  scopeAuth: {
    authorizeOnSubscribe: true,
    // A guest is refused before anything is read; everything finer is a capability's rule.
    authScopes: ({ viewer }) => ({ signedIn: viewer !== null }),
    unauthorizedError: () => new UnauthenticatedError(),
  },
  complexity: {
    limit: { complexity: complexityLimit },
    fieldComplexity: fieldCost,
    complexityError: (_kind, { complexity }) =>
      new LimitExceededError(`The operation costs ${complexity}; at most ${complexityLimit} is allowed.`),
  },
  relay: {
    cursorType: 'String',
    clientMutationId: 'omit',
    encodeGlobalID: (typename, id) => encodeGlobalId(typename, String(id)),
    decodeGlobalID: decodeGlobalId,
    nodeQueryOptions: {
      description: 'Any object by its global id; null where there is none or the viewer may not see it.',
      // An id may name any type, and anything else: only of nodes can there be one.
      resolve: async (_root, { id }, _context, { schema }, resolveNode) => {
        const type = schema.getType(id.typename);
        const isNode = isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Node');
        return isNode ? resolveNode(id) : null;
      },
    },
    nodesQueryOptions: false,
    pageInfoTypeOptions: { description: 'Where a page of a connection lies.' },
    nodeTypeOptions: { description: 'An object with a global id.' },
  },
  prisma: {
    client: ({ loader }) => loader,
    dmmf: getDatamodel(),
    filterConnectionTotalCount: true,
    maxConnectionSize: page.max,
    defaultConnectionSize: page.default,
    // A resolver that finds nothing (a guest has no viewer) uses none, and rightly so.
    onUnusedQuery: null,
  },
});

/** What the builder knows of contexts, scalars and models, for refs that are made by hand. */
export type BuilderTypes = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Types> ? Types : never;

builder.addScalarType('DateTime', DateTimeResolver);
builder.addScalarType('JSONObject', JSONObjectResolver, { description: 'An object of JSON, as it is.' });
builder.addScalarType('SafeInt', SafeIntResolver);
builder.queryType({ description: 'Reads. All are allowed over GET.' });
builder.mutationType({ description: 'Writes. Each takes one input and answers with a payload or a typed error.' });
builder.subscriptionType({ description: 'Live feeds, over WebSocket (graphql-transport-ws) or SSE.' });
