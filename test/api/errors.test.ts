import { beforeAll, describe, expect, test } from 'vitest';
import { type Actor, createEvent, join } from '../actor.ts';
import { useServer } from '../harness.ts';
import { recordingLog } from '../realtime/recording-log.ts';
import { type Answer, codesOf, fetchOverPost, transports } from './transports.ts';

const server = useServer();
let host: Actor;
let eventId: string;
beforeAll(async () => {
  host = await server.signUp({ role: 'HOST' });
  eventId = await createEvent(host);
  await join(host, eventId);
});

/** How many rows there are of everything a client can write. */
async function rows(): Promise<number[]> {
  const { db } = server.app;
  return Promise.all([
    db.user.count(),
    db.session.count(),
    db.videoEvent.count(),
    db.participant.count(),
    db.message.count(),
    db.engagementLog.count(),
    db.feedEntry.count(),
    db.idempotencyKey.count(),
  ]);
}

/** What no answer may contain: the inside. */
const inside =
  /prisma|select .* from|insert into|node_modules|\.ts:\d|\.js:\d|\bat .*\(|stack|originalError|relation ".*"/i;

async function send(query: string, variables: Record<string, unknown> = {}, actor: Actor = host): Promise<Answer> {
  const response = await fetchOverPost(server.url, { query, variables, token: actor.session?.accessToken });
  const text = await response.text();
  expect(text).not.toMatch(inside);
  return JSON.parse(text);
}

const sendMessage = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) {
  __typename ... on Error { code message } } }`;
const idOf = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64');
const nobody = '00000000-0000-7000-8000-000000000000';

describe('A request that makes no sense is told so, and writes nothing', () => {
  test.each([
    ['no document', ''],
    ['half a document', '{ viewer { id }'],
    ['a fragment alone', 'fragment A on User { id }'],
    ['an unknown field', '{ launchMissiles }'],
    ['an unknown argument', '{ viewer(id: 1) { id } }'],
    ['a missing argument', '{ user { id } }'],
    ['a missing selection', '{ viewer }'],
    ['an unknown type', 'query ($input: Nonsense!) { viewer(input: $input) { id } }'],
    ['an undefined variable', 'query { user(id: $id) { id } }'],
    ['a wrong literal', '{ users(first: "ten") { totalCount } }'],
    ['a wrong DateTime', '{ videoEvents(filter: { from: "tomorrow" }) { totalCount } }'],
    ['a number for a DateTime', '{ videoEvents(filter: { from: 5 }) { totalCount } }'],
    ['an Int beyond 32 bits', '{ users(first: 3000000000) { totalCount } }'],
    ['a fragment that spreads itself', '{ viewer { ...A } } fragment A on User { id ...A }'],
    ['two operations without a name', 'query A { __typename } query B { __typename }'],
    ['a mutation without input', 'mutation { sendMessage { __typename } }'],
  ])('%s', async (_what, query) => {
    const before = await rows();
    const answer = await send(query);
    expect(answer.data ?? null).toBeNull();
    expect(new Set(codesOf(answer))).toEqual(new Set(['BAD_REQUEST']));
    expect(await rows()).toEqual(before);
  });

  test.each([
    ['null', null],
    ['a list', []],
    ['a string', 'text'],
    ['nothing in it', {}],
    ['a missing field', { text: 'x' }],
    ['an unknown field', { eventId: 'x', text: 'x', admin: true }],
    ['a number for text', { eventId: 'x', text: 5 }],
    ['an object for an id', { eventId: { id: 'x' }, text: 'x' }],
    ['__proto__', JSON.parse('{ "eventId": "x", "text": "x", "__proto__": { "admin": true } }')],
    ['constructor', { eventId: 'x', text: 'x', constructor: { prototype: { admin: true } } }],
  ])('variables: %s', async (_what, input) => {
    const before = await rows();
    for (const transport of [transports.POST, transports.WebSocket, transports.SSE]) {
      const answer = await transport?.(server.url, {
        query: sendMessage,
        variables: { input },
        token: host.signedIn.accessToken,
      });
      expect(answer?.data ?? null).toBeNull();
      expect(new Set(codesOf(answer ?? {}))).toEqual(new Set(['BAD_REQUEST']));
      expect(JSON.stringify(answer)).not.toMatch(inside);
    }
    expect(await rows()).toEqual(before);
    expect(Object.hasOwn(Object.prototype, 'admin')).toBe(false);
  });

  test.each([
    ['a number for the query', { query: 5 }],
    ['a list for the variables', { query: '{ __typename }', variables: [] }],
    ['a string for the variables', { query: '{ __typename }', variables: 'x' }],
    ['an unknown operation name', { query: 'query A { __typename }', operationName: 'B' }],
    ['no query', { variables: {} }],
    ['an unknown parameter', { query: '{ __typename }', admin: true }],
    ['null', null],
    ['a string', 'query'],
  ])('a body with %s', async (_what, body) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    expect(text).not.toMatch(inside);
    expect(codesOf(JSON.parse(text))).toEqual(['BAD_REQUEST']);
    expect(response.status).toBe(400);
  });
});

describe('A global id that names nothing', () => {
  const ids: [string, (host: Actor) => string][] = [
    ['garbage', () => '§§§'],
    ['empty', () => ''],
    ['of no type', () => Buffer.from(':5').toString('base64')],
    ['of an unknown type', () => idOf('Launch', nobody)],
    ['of another type', ({ id }) => id],
    ['not a UUID', () => idOf('VideoEvent', "1' OR '1'='1")],
    ['of an absent object', () => idOf('VideoEvent', nobody)],
    ['very long', () => idOf('VideoEvent', 'x'.repeat(10_000))],
  ];
  const mutations = ['joinVideoEvent', 'leaveVideoEvent', 'startVideoEvent', 'deleteVideoEvent', 'unpinMessage'];

  test.each(ids)('%s: mutations answer NotFoundError', async (_what, id) => {
    const before = await rows();
    for (const mutation of mutations) {
      const { __typename, code } = await host.mutate(mutation, { eventId: id(host) });
      expect([mutation, __typename, code]).toEqual([mutation, 'NotFoundError', 'NOT_FOUND']);
    }
    const sent = await host.mutate('sendMessage', { eventId: id(host), text: 'x' });
    expect(sent.code).toBe('NOT_FOUND');
    expect((await host.mutate('pinMessage', { messageId: id(host) })).code).toBe('NOT_FOUND');
    expect((await host.mutate('revokeSession', { sessionId: id(host) })).code).toBe('NOT_FOUND');
    expect(await rows()).toEqual(before);
  });

  test.each(ids)('%s: queries give null or a coded error, subscriptions a coded error', async (_what, id) => {
    const probe = async (query: string) => {
      const answer = await send(query, { id: id(host) });
      const value = Object.values(answer.data ?? {})[0] ?? null;
      expect(value).toBeNull();
      expect(codesOf(answer).filter((code) => code !== 'NOT_FOUND')).toEqual([]);
    };
    await probe('query ($id: ID!) { videoEvent(id: $id) { id } }');
    const answer = await transports.WebSocket?.(server.url, {
      query: 'subscription ($id: ID!) { videoEventFeed(eventId: $id) { __typename } }',
      variables: { id: id(host) },
      token: host.signedIn.accessToken,
    });
    expect(codesOf(answer ?? {})).toEqual(['NOT_FOUND']);
  });

  test.each(['garbage', '', Buffer.from('x:y').toString('base64'), 'T'.repeat(5000)])(
    'node(id: "%s") is null or not found',
    async (id) => {
      const answer = await send('query ($id: ID!) { node(id: $id) { id } }', { id });
      expect(answer.data?.node ?? null).toBeNull();
      expect(codesOf(answer).filter((code) => code !== 'NOT_FOUND')).toEqual([]);
    },
  );
});

describe('A page that cannot be', () => {
  const connections = [
    (args: string) => `{ users(${args}) { edges { cursor } } }`,
    (args: string) => `{ videoEvents(${args}) { edges { cursor } } }`,
    (args: string) => `{ videoEvent(id: "${eventId}") { messages(${args}) { edges { cursor } } } }`,
    (args: string) => `{ videoEvent(id: "${eventId}") { participants(${args}) { edges { cursor } } } }`,
    (args: string) => `{ viewer { participations(${args}) { edges { cursor } } } }`,
  ];
  test.each([
    'first: -1',
    'last: -5',
    'after: "garbage"',
    'before: "garbage"',
    'after: ""',
    `after: "${Buffer.from("GPC:S:' OR 1=1").toString('base64')}"`,
    `after: "${Buffer.from('GPC:J:{"x":1}').toString('base64')}"`,
    `before: "${Buffer.from('GPC:N:5').toString('base64')}"`,
    'first: 5, last: 5',
  ])('(%s) is refused with a code or empty, never a fault', async (args) => {
    for (const connection of connections) {
      const answer = await send(connection(args));
      const unexpected = codesOf(answer).filter((code) => !['INVALID_INPUT', 'BAD_REQUEST'].includes(String(code)));
      expect([connection(args), unexpected]).toEqual([connection(args), []]);
    }
  });
});

describe('A fault of the server', () => {
  const { log, lines } = recordingLog();
  const broken = useServer({ log });

  test('is masked, and logged under the request id that the client gets', async () => {
    await broken.app.db.$executeRaw`ALTER TABLE "User" RENAME TO "Elsewhere"`;
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const response = await fetch(`${broken.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify({ query: '{ users { edges { cursor } } }' }),
      });
      const text = await response.text();
      expect(text).not.toMatch(inside);
      const [error] = JSON.parse(text).errors;
      expect(error.extensions).toEqual({ code: 'INTERNAL', requestId: response.headers.get('x-request-id') });
      const logged = lines
        .map((line) => JSON.parse(line))
        .filter(({ requestId }) => requestId === error.extensions.requestId);
      expect(logged).toHaveLength(1);
      expect(JSON.stringify(logged)).toContain('stack');
    }
  });

  test.each([
    ['WebSocket', transports.WebSocket],
    ['SSE', transports.SSE],
  ])('is masked over %s', async (_name, transport) => {
    const answer = await transport?.(broken.url, { query: '{ users { edges { cursor } } }' });
    expect(JSON.stringify(answer)).not.toMatch(inside);
    expect(codesOf(answer ?? {})).toEqual(['INTERNAL']);
    const requestId = answer?.errors?.[0]?.extensions?.requestId;
    expect(lines.filter((line) => JSON.parse(line).requestId === requestId)).toHaveLength(1);
  });
});
