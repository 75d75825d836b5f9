import { expect } from 'vitest';
import { errorCodes } from '../../src/errors.ts';
import { decodeGlobalId } from '../../src/global-id.ts';
import type { Answer } from '../api/transports.ts';

export const nobody = '00000000-0000-7000-8000-000000000000';

export const globalId = (typename: string, id: string = nobody): string =>
  Buffer.from(`${typename}:${id}`).toString('base64');

/** Names that every object of JavaScript knows, whatever it holds. */
export const inherited = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype'] as const;

/** Global ids that the server never gave to anybody. */
export const forgedIds: readonly string[] = [
  '',
  ' ',
  'x',
  '====',
  '\u0000',
  '\ud800',
  '🎬',
  '-1',
  '9223372036854775808',
  'x'.repeat(10_000),
  nobody,
  ...inherited,
  ...inherited.map((name) => globalId(name)),
  // Types, but none with ids: of nothing, a value, an input, an interface, a union, a root.
  ...['Nonsense', 'Profile', 'String', 'VideoEventFilter', 'Node', 'SendMessageResult', 'Query', 'EventInvite'].map(
    (type) => globalId(type),
  ),
  ...['', '-1', '9223372036854775808', 'null', "' OR 1=1 --", `${nobody}:more`, `${nobody}\u0000`, '__proto__'].map(
    (id) => globalId('VideoEvent', id),
  ),
  ...['User', 'Message', 'Session'].flatMap((type) => [globalId(type), globalId(type, '-1')]),
  globalId('VideoEvent', nobody.toUpperCase().replace('8', 'A')),
];

/** What may stand where a text, a number or an id belongs, and is none. */
export const wrongShapes: readonly unknown[] = [
  {},
  [],
  [[]],
  [{}],
  JSON.parse('{ "__proto__": { "admin": true } }'),
  { constructor: { prototype: { admin: true } } },
];

export const wrongTexts: readonly unknown[] = [
  ...inherited,
  '',
  '\u0000',
  'half \ud800 character',
  'https://pictures.example.test/\u0000.png',
  'https://pictures.example.test/\ud800.png',
  'https://pictures.example.test/a\nb.png',
  'https://[::1',
  '9223372036854775808',
  "' OR 1=1 --",
  '%',
  'x'.repeat(10_000),
];

/** What no answer may tell: the inside. */
const inside =
  /prisma|pothos|select .* from|insert into|node_modules|\.ts:\d|\.js:\d|\bat .*\(|originalError|relation ".*"/i;

/** Codes of all errors of an answer, also of one in its result. */
export function refusalsOf({ data, errors }: Answer): string[] {
  const found = data?.found;
  const code = typeof found === 'object' && found !== null && 'code' in found ? [String(found.code)] : [];
  return [...(errors ?? []).map(({ extensions }) => String(extensions?.code)), ...code];
}

/** Whatever it says, it says it in the API's words, and it is no fault of the server. */
export function expectTyped(what: unknown, answer: Answer): void {
  const faults = refusalsOf(answer).filter(
    (code) => !Object.hasOwn(errorCodes, code) || code === 'INTERNAL' || code === 'UNAVAILABLE',
  );
  expect({ what, faults, told: inside.exec(JSON.stringify(answer))?.[0] ?? null }).toEqual({
    what,
    faults: [],
    told: null,
  });
  expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
}

export const rawId = (globalId: string): string => decodeGlobalId(globalId).id;
