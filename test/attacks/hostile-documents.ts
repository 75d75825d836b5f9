import { documentLimits } from '../../src/server/limits.ts';
import { introspect, times } from './hostile-parts.ts';

/** One hostile operation. */
export interface Hostile {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string;
}

const half = Math.floor(documentLimits.tokens / 2);

const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 1]));
const deepList = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

/** What stands in it is larger than any limit. The answer is LIMIT_EXCEEDED, or the transport's own word for "too large". */
export const beyondLimits: Readonly<Record<string, Hostile>> = {
  '10,000 aliases': { query: `{ ${times(10_000, (i) => `a${i}: __typename`)} }` },
  'as many aliases of __typename as there may be tokens': {
    query: `{ ${times(documentLimits.tokens / 3 - 2, (i) => `a${i}:__typename`)} }`,
  },
  '20,000 repeated fields': { query: `{${times(20_000, () => 'id')}}` },
  '5,000 directives': { query: `{ __typename ${times(5000, () => '@a')} }` },
  'as many directives as there may be tokens': { query: `{ __typename ${times(half - 5, () => '@a')} }` },
  'directives on an operation': { query: `query A ${times(half - 10, () => '@a')} { __typename }` },
  'directives on a variable': { query: `query A($a: Int ${times(half - 10, () => '@a')}) { __typename }` },
  'a document nested 3,000 deep': { query: `${'{a'.repeat(3000)}${'}'.repeat(3000)}` },
  'a document nested as deep as there may be tokens': {
    query: `${'{a'.repeat(half / 2)}${'}'.repeat(half / 2)}`,
  },
  'inline fragments nested as deep as there may be tokens': {
    query: `{ ${'...{'.repeat(half / 2)} a ${'}'.repeat(half / 2)} }`,
  },
  'an argument nested 3,000 deep': { query: `{ user(id: ${'['.repeat(3000)}${']'.repeat(3000)}) { id } }` },
  'an 8 MB comment': { query: `{ __typename } #${'x'.repeat(8 * 1024 * 1024)}` },
  'an 8 MB variable': { query: 'query($id: ID!) { user(id: $id) { id } }', variables: { id: 'x'.repeat(8_000_000) } },
  'variables nested 2,000 deep': {
    query: 'query($id: ID!) { user(id: $id) { id } }',
    variables: { id: deepList(2000) },
  },
  'variables that nobody declared, nested 2,000 deep': {
    query: 'subscription { scheduleFeed { __typename } }',
    variables: { id: deepList(2000) },
  },
  '3,000 wrong values in a list': {
    query: 'query($kinds: [EventStatus!]) { videoEvents(filter: { status: $kinds }) { totalCount } }',
    variables: { kinds: times(3000, () => 'x').split(' ') },
  },
  '4,000 unknown keys in a variable': {
    query: 'query($filter: VideoEventFilter) { videoEvents(filter: $filter) { totalCount } }',
    variables: { filter: keys(4000) },
  },
  'nothing but brackets': { query: '{'.repeat(1000) },
  'a fragment bomb': {
    query: `{ ...F0 } ${times(28, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)}
      fragment F28 on Query { a: viewer { id } b: viewer { id } }`,
  },
  'a fragment bomb of depth': {
    query: `{ viewer { ...F0 } } ${times(28, (i) => `fragment F${i} on User { participations { edges { node { user { ...F${i + 1} } } } } }`)}
      fragment F28 on User { id }`,
  },
  'fields of one name with arguments, level by level': {
    query: `{ ${times(12, () => `viewer { ${times(12, () => 'participations(first: 1) { edges { cursor } }')} }`)} }`,
  },
  'fields of one name, in a fragment that stands first': {
    query: `fragment A on User { ${times(documentLimits.tokens - 100, () => 'id')} } { viewer { ...A } }`,
  },
  'fields of a few names, over and over': {
    query: `{ viewer { ${times(280, () => 'id username displayName avatarUrl createdAt')} } }`,
  },
  'fragments that spread the next two': {
    query: `{ viewer { ...F0 ...F1 } } ${times(180, (i) => `fragment F${i} on User { id ${i < 178 ? `...F${i + 1} ...F${i + 2}` : ''} }`)}`,
  },
  'fragments of one field, each with each': {
    query: `{ ${times(150, (i) => `...F${i}`)} } ${times(150, (i) => `fragment F${i} on Query { viewer { id username } }`)}`,
  },
};

/** GraphQL itself has no answer to these: BAD_REQUEST. */
export const senseless: Readonly<Record<string, Hostile>> = {
  'a fragment that spreads itself': { query: '{ ...A } fragment A on Query { ...A }' },
  'a circle of 100 fragments': {
    query: `{ ...F0 } ${times(100, (i) => `fragment F${i} on Query { ...F${(i + 1) % 100} }`)}`,
  },
  '280 operations and no name': { query: times(280, (i) => `query A${i} { __typename }`) },
  '100 operations that share 100 fragments': {
    query: `${times(100, (i) => `query A${i} { ...F0 }`)} ${times(100, (i) => `fragment F${i} on Query { ${i < 99 ? `...F${i + 1}` : 'viewer { id }'} }`)}`,
  },
  '900 unknown fields that resemble known ones': { query: `{ ${times(900, (i) => `videoEvent${i}s`)} }` },
  '400 unknown types that resemble known ones': {
    query: `query A(${times(400, (i) => `$a${i}: CreateVideoEventInpu${i}`)}) { __typename }`,
  },
  'a name of 12 KB': { query: `{ ${'x'.repeat(12_000)} }` },
  'a number of 12,000 digits': { query: `{ users(first: ${'9'.repeat(12_000)}) { totalCount } }` },
  'an introspection that goes round': {
    query: `{ __schema { types { ${'fields { type { '.repeat(4)} name ${'} } '.repeat(4)} } } }`,
  },
  'a variable called __proto__ that nobody declared': { query: '{ user(id: $__proto__) { id } }' },
  'an input with __proto__': {
    query: 'mutation { logIn(input: { login: "a", password: "b", __proto__: { a: 1 } }) { __typename } }',
  },
  'an input with constructor': {
    query: 'mutation { logIn(input: { login: "a", password: "b", constructor: { a: 1 } }) { __typename } }',
  },
  'a variable with __proto__': {
    query: 'query($filter: VideoEventFilter) { videoEvents(filter: $filter) { totalCount } }',
    variables: { filter: JSON.parse('{ "__proto__": { "text": "x" } }') },
  },
  'an operation called __proto__ that is not there': { query: 'query A { __typename }', operationName: '__proto__' },
  'an operation called constructor that is not there': { query: '{ __typename }', operationName: 'constructor' },
  'a field called constructor': { query: '{ constructor { constructor } }' },
  'an object where an ID belongs': { query: '{ user(id: { id: "x" }) { id } }' },
  'a list where an ID belongs': { query: 'query($id: ID!) { user(id: $id) { id } }', variables: { id: ['x'] } },
  'an object where an ID belongs, as a variable': {
    query: 'query($id: ID!) { user(id: $id) { id } }',
    variables: { id: { toString: 'x' } },
  },
  '900 wrong values in a list': {
    query: 'query($kinds: [EventStatus!]) { videoEvents(filter: { status: $kinds }) { totalCount } }',
    variables: { kinds: times(900, () => 'x').split(' ') },
  },
  '900 unknown keys in a variable': {
    query: 'query($filter: VideoEventFilter) { videoEvents(filter: $filter) { totalCount } }',
    variables: { filter: keys(900) },
  },
  'a long text beside 100 unknown keys': {
    query: 'query($filter: VideoEventFilter) { videoEvents(filter: $filter) { totalCount } }',
    variables: { filter: { text: 'x'.repeat(50_000), ...keys(100) } },
  },
  'an emoji for a name': { query: '{ \u{1F600} }' },
  'a lone surrogate': { query: '{ user(id: "\\uD800") { id } }' },
  'half a document': { query: '{ viewer { id' },
};

/** Served, since they are within the limits: what they cost is what a limit allows. */
export const allowed: Readonly<Record<string, Hostile>> = {
  'a response key called __proto__': {
    query: '{ __proto__: __typename constructor: __typename toString: __typename }',
  },
  'a comment of 12 KB': { query: `{ __typename } #${'x'.repeat(12_000)}` },
  'as many fields of a few names as may stand together': {
    query: `{ viewer { ${times(100, () => 'id username displayName avatarUrl createdAt')} } }`,
  },
  'fields of one name, each in brackets of its own': {
    query: `{ viewer { ${times(documentLimits.tokens / 4 - 5, () => '...{id}')} } }`,
  },
  introspection: { query: introspect },
};
