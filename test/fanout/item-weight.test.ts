import { buildSchema, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { executionWeight, itemWeight } from '../../src/fanout/item-weight.ts';

const schema = buildSchema(`
  interface FeedItem { sequence: Int!, cursor: String! }
  type Said implements FeedItem { sequence: Int!, cursor: String!, message: Message! }
  type Counted implements FeedItem { sequence: Int!, cursor: String!, counts: [Count!]! }
  union Item = Said | Counted
  type Message { id: ID!, text: String!, author: Profile! }
  type Profile { username: String!, displayName: String! }
  type Count { emoji: String!, count: Int! }
  type Board { top(first: Int = 10): [Count!]!, entries: [Count!]! }
  type Query { nothing: Int }
  type Subscription { feed(after: String): Item!, board(first: Int = 10): Board! }`);

function weight(text: string, variableValues: Record<string, unknown> = {}): number {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  return itemWeight({ schema, document, variableValues }) - executionWeight;
}

test('every field of an item counts, leaves among them', () => {
  expect(weight('subscription { feed { __typename } }')).toBe(1);
  expect(weight('subscription { feed { ... on Said { message { id text author { username } } } } }')).toBe(5);
});

test('what is asked of other items does not add up: an item is of one type', () => {
  const said = '... on Said { sequence message { id } }';
  const counted = '... on Counted { sequence }';
  expect(weight(`subscription { feed { ${said} ${counted} } }`)).toBe(weight(`subscription { feed { ${said} } }`));
  expect(weight(`subscription { feed { ... on FeedItem { cursor } ${said} } }`)).toBe(4);
});

test('aliases count each, and so does a fragment wherever it is spread', () => {
  expect(weight('subscription { feed { ... on Said { a: sequence b: sequence c: sequence } } }')).toBe(3);
  const spread = `subscription { feed { ... on Said { a: message { ...M } b: message { ...M } } } }
    fragment M on Message { id text }`;
  expect(weight(spread)).toBe(6);
});

test('a list counts as long as it may become', () => {
  expect(weight('subscription { feed { ... on Counted { counts { emoji count } } } }')).toBe(21);
  expect(weight('subscription { board { top { count } } }')).toBe(11);
  const top = (first: string) => `subscription(${first}) { board { top(first: $first) { count } } }`;
  expect(weight(top('$first: Int'), { first: 50 })).toBe(51);
  expect(weight(top('$first: Int = 30'))).toBe(31);
});

test('lists of an item are as long as its subscription asks for, and the item is one', () => {
  expect(weight('subscription { board { entries { emoji count } } }')).toBe(21);
  expect(weight('subscription { board(first: 100) { entries { emoji count } } }')).toBe(201);
});

test('a subscription that stands in fragments, or in pieces, weighs the same', () => {
  const inside = 'feed { ... on Said { sequence message { id } } }';
  const plain = weight(`subscription { ${inside} }`);
  expect(weight(`subscription { ...S } fragment S on Subscription { ... on Subscription { ${inside} } }`)).toBe(plain);
  expect(plain).toBe(3);
  const pieces = 'feed { ... on Said { sequence } } feed { ... on Said { message { id } } }';
  expect(weight(`subscription { ${pieces} }`)).toBe(plain);
});

test('fragments that double each other are counted without being followed', () => {
  const fragments = Array.from(
    { length: 40 },
    (_, n) => `fragment F${n} on Said { ${n === 39 ? 'sequence' : `...F${n + 1} ...F${n + 1}`} }`,
  );
  expect(weight(`subscription { feed { ...F0 } } ${fragments.join(' ')}`)).toBe(2 ** 39);
});
