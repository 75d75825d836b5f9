import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/feed/cursor.ts';

const feed = fc.oneof(
  fc.uuid().map((id) => `event:${id}`),
  fc.uuid().map((id) => `user:${id}`),
  fc.constantFrom('schedule', 'sessions'),
);
const position = fc.record({
  feed,
  epoch: fc.stringMatching(/^[0-9a-f]{12}$/),
  sequence: fc.maxSafeNat(),
});

const forge = (text: string): string => Buffer.from(text).toString('base64url');

test('a cursor decodes to the place it was made for', () => {
  fc.assert(
    fc.property(position, (place) => {
      expect(decodeCursor(encodeCursor(place))).toEqual(place);
    }),
  );
});

test('two places never share a cursor', () => {
  fc.assert(
    fc.property(position, position, (one, other) => {
      fc.pre(one.feed !== other.feed || one.epoch !== other.epoch || one.sequence !== other.sequence);
      expect(encodeCursor(one)).not.toBe(encodeCursor(other));
    }),
  );
});

test('whatever decodes is exactly what encodes to it', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 310 }),
    fc.base64String({ maxLength: 310 }),
    fc.string({ unit: 'binary', maxLength: 200 }).map(forge),
    fc
      .tuple(feed, fc.string({ maxLength: 40 }), fc.string({ maxLength: 20 }))
      .map((parts) => forge(`1|${parts.join('|')}`)),
    fc.tuple(feed, fc.stringMatching(/^[a-z0-9]{1,32}$/), fc.bigInt()).map((parts) => forge(`1|${parts.join('|')}`)),
  );
  fc.assert(
    fc.property(anything, (text) => {
      const place = decodeCursor(text);
      if (place !== null) expect(encodeCursor(place)).toBe(text);
    }),
    { numRuns: 400 },
  );
});

test('a cursor with a character changed, added or taken away leads to its own place or nowhere', () => {
  const mutation = fc.record({ at: fc.nat(150), text: fc.string({ unit: 'binary', maxLength: 2 }), cut: fc.nat(3) });
  fc.assert(
    fc.property(position, mutation, (place, { at, text, cut }) => {
      const cursor = encodeCursor(place);
      const mutant = cursor.slice(0, at) + text + cursor.slice(at + cut);
      const decoded = decodeCursor(mutant);
      if (mutant === cursor) expect(decoded).toEqual(place);
      else if (decoded !== null) expect(encodeCursor(decoded)).toBe(mutant);
    }),
    { numRuns: 400 },
  );
});

test.each([
  ['a negative sequence', '1|schedule|e1|-1'],
  ['2^63', '1|schedule|e1|9223372036854775808'],
  ['2^53', '1|schedule|e1|9007199254740992'],
  ['a leading zero', '1|schedule|e1|01'],
  ['an exponent', '1|schedule|e1|1e3'],
  ['a fraction', '1|schedule|e1|1.0'],
  ['a hexadecimal', '1|schedule|e1|0x1'],
  ['other digits', '1|schedule|e1|١'],
  ['no sequence', '1|schedule|e1|'],
  ['no epoch', '1|schedule||1'],
  ['no feed', '1||e1|1'],
  ['another version', '2|schedule|e1|1'],
  ['a part too many', '1|schedule|e1|1|1'],
  ['a trailing line feed', '1|schedule|e1|1\n'],
  ['a feed of 81 characters', `1|${'f'.repeat(81)}|e1|1`],
  ['nothing', ''],
])('%s is no cursor', (_, text) => {
  expect(decodeCursor(forge(text))).toBeNull();
});

test('another spelling of a cursor is no cursor', () => {
  const cursor = encodeCursor({ feed: 'schedule', epoch: 'e1', sequence: 7 });
  const plain = Buffer.from(cursor, 'base64url').toString();
  for (const spelling of [`${cursor}=`, ` ${cursor}`, `${cursor}\n`, Buffer.from(plain).toString('hex'), plain])
    expect(decodeCursor(spelling)).toBeNull();
});

test('a very long text is refused at once', () => {
  const started = performance.now();
  expect(decodeCursor('M'.repeat(20_000_000))).toBeNull();
  expect(performance.now() - started).toBeLessThan(50);
});
