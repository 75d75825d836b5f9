import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { complexityLimit, page } from '../../src/complexity.ts';
import { byteLimits, documentLimits } from '../../src/server/limits.ts';
import { useServer } from '../harness.ts';
import { type Answer, codesOf, fetchOverGet, fetchOverPost, type Request, transports } from './transports.ts';

const server = useServer();
const production = useServer({ config: { production: true } });

const times = (count: number, part: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => part(index)).join(' ');

/** `{ viewer { participations { edges { node { user { participations …`, `levels` selection sets deep. */
function nested(levels: number): string {
  const steps = ['participations(first: 1)', 'edges', 'node', 'user'];
  const path = ['viewer', ...Array.from({ length: levels - 2 }, (_, index) => steps[index % steps.length])];
  return `{ ${path.join(' { ')} { __typename ${'}'.repeat(path.length)} }`;
}

const documents: Readonly<Record<string, { within: string; beyond: string }>> = {
  [`more than ${documentLimits.tokens} tokens`]: {
    // Twenty fields of a hundred tokens each: GraphQL itself gives up on a thousand fields with one name.
    within: `{ ${times(19, (index) => `a${index}: viewer { ${times(95, () => 'id')} }`)} }`,
    beyond: `{ ${times(20, (index) => `a${index}: viewer { ${times(95, () => 'id')} }`)} }`,
  },
  [`deeper than ${documentLimits.depth}`]: {
    within: nested(documentLimits.depth),
    beyond: nested(documentLimits.depth + 1),
  },
  [`more than ${documentLimits.aliases} aliases`]: {
    within: `{ ${times(documentLimits.aliases, (index) => `a${index}: viewer { id }`)} }`,
    beyond: `{ ${times(documentLimits.aliases + 1, (index) => `a${index}: viewer { id }`)} }`,
  },
  [`more than ${documentLimits.directives} directives`]: {
    within: `{ ${times(documentLimits.directives, () => '__typename @include(if: true)')} }`,
    beyond: `{ ${times(documentLimits.directives + 1, () => '__typename @include(if: true)')} }`,
  },
  [`cost above ${complexityLimit}`]: {
    within: `{ users(first: ${page.max}) { edges { node { id } } } }`,
    beyond: `{ videoEvents(first: ${page.max}) { edges { node { host { participations(first: 20) { edges { node { id } } } } } } } }`,
  },
};

describe.each(Object.entries(documents))('A document with %s', (_limit, { within, beyond }) => {
  test.each(Object.entries(transports))('is refused over %s', async (_name, send) => {
    expect(codesOf(await send(server.url, { query: beyond }))).toContain('LIMIT_EXCEEDED');
  });

  test.each(Object.entries(transports))('one just within it is served over %s', async (_name, send) => {
    expect(await send(server.url, { query: within })).not.toHaveProperty('errors');
  });
});

describe('The depth of a document', () => {
  test('is counted through fragments', async () => {
    const half = Math.ceil(documentLimits.depth / 3);
    const query = `{ viewer { ...A } } fragment A on User { ${times(half, () => 'participations { edges { node { user {')} id ${'}'.repeat(half * 4)} }`;
    expect(codesOf(await (await fetchOverPost(server.url, { query })).json())).toEqual(['LIMIT_EXCEEDED']);
  });
});

describe('A page', () => {
  test.each(['first', 'last'])(`of more than ${page.max} is not given, whatever \`%s\` says`, async (argument) => {
    const answer = await fetchOverPost(server.url, { query: `{ users(${argument}: 1000000) { edges { cursor } } }` });
    expect(codesOf(await answer.json())).not.toEqual([]);
  });

  test.each([-1, 0])('of %i does not make what lies in it free', async (first) => {
    const query = `{ ${times(25, (i) => `a${i}: videoEvents(first: ${first}) { edges { node { participants(first: 100) { edges { node { id } } } } } }`)} }`;
    expect(codesOf(await (await fetchOverPost(server.url, { query })).json())).toContain('LIMIT_EXCEEDED');
  });
});

describe('HTTP', () => {
  const oversized = `{ viewer { id } } #${'x'.repeat(byteLimits.body)}`;

  test('a body that says it is too large is refused unread', async () => {
    const response = await fetchOverPost(server.url, { query: oversized });
    expect(response.status).toBe(413);
    expect(codesOf(await response.json())).toEqual(['LIMIT_EXCEEDED']);
  });

  test('a body that does not say how large it is is refused once it is too large', async () => {
    const sent = request(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    });
    sent.end(JSON.stringify({ query: oversized }));
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      sent.once('response', resolve).once('error', reject);
    });
    expect(response.statusCode).toBe(413);
    expect(codesOf((await json(response)) as Answer)).toEqual(['LIMIT_EXCEEDED']);
  });

  test('GET never mutates', async () => {
    const before = await server.app.db.user.count();
    const query = `mutation { signUp(input: { username: "by_get", email: "by_get@example.test", password: "correct horse" }) { __typename } }`;
    const response = await fetchOverGet(server.url, { query });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
    expect(codesOf(await response.json())).toEqual(['BAD_REQUEST']);
    expect(await server.app.db.user.count()).toBe(before);
  });

  test.each([
    ['a form', 'application/x-www-form-urlencoded', new URLSearchParams({ query: '{ __typename }' }).toString()],
    ['plain text', 'text/plain', JSON.stringify({ query: '{ __typename }' })],
    ['a bare document', 'application/graphql', '{ __typename }'],
    [
      'an upload',
      'multipart/form-data; boundary=x',
      '--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{"query":"{ __typename }"}\r\n--x--\r\n',
    ],
  ])('%s is not a request', async (_what, contentType, body) => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': contentType },
      body,
    });
    expect(response.status).toBe(415);
    expect(codesOf(await response.json())).toEqual(['BAD_REQUEST']);
  });

  test('several operations in one request are refused', async () => {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ query: '{ __typename }' }, { query: '{ __typename }' }]),
    });
    expect(response.status).toBe(400);
    expect(codesOf(await response.json())).toEqual(['BAD_REQUEST']);
  });

  test('other methods are refused', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const response = await fetch(`${server.url}/graphql`, { method });
      expect(response.status).toBe(405);
    }
  });
});

describe('Wrong variables', () => {
  test.each(Object.entries(transports))(
    'are no fault of the next who sends the document, over %s',
    async (name, send) => {
      const query = `query($filter: VideoEventFilter) { videoEvents(filter: $filter) { totalCount } } #${name}`;
      for (const _round of [1, 2]) {
        const { data, errors } = await send(server.url, { query, variables: { filter: {} } });
        expect([data, errors]).toEqual([{ videoEvents: { totalCount: expect.any(Number) } }, undefined]);
        const wrong = await send(server.url, { query, variables: { filter: { a: 1, b: 2 } } });
        expect(wrong.data ?? null).toBeNull();
        expect(wrong.errors?.map(({ extensions }) => extensions?.code)).toEqual(['BAD_REQUEST', 'BAD_REQUEST']);
      }
    },
  );
});

describe('Introspection', () => {
  test.each(Object.entries(transports))('is within the limits in development, over %s', async (_name, send) => {
    const query = getIntrospectionQuery({ schemaDescription: true, inputValueDeprecation: true, oneOf: true });
    const { data, errors } = await send(server.url, { query });
    expect(errors).toBeUndefined();
    expect(data).toHaveProperty('__schema');
  });

  test.each(Object.entries(transports))('is refused in production, over %s', async (_name, send) => {
    for (const query of [getIntrospectionQuery(), '{ __type(name: "User") { name } }']) {
      const answer = await send(production.url, { query });
      expect(answer.data ?? null).toBeNull();
      expect(new Set(codesOf(answer))).toEqual(new Set(['BAD_REQUEST']));
    }
  });

  test.each(Object.entries(transports))(
    'is not replaced by suggestions in production, over %s',
    async (_name, send) => {
      const filtered = 'query($filter: VideoEventFilter) { videoEvents(filter: $filter) { totalCount } }';
      const typos: Request[] = [
        { query: '{ viewr { id } }' },
        { query: '{ viewer { usrname } }' },
        { query: '{ videoEvents(filtr: {}) { totalCount } }' },
        { query: '{ videoEvents(filter: { statu: [LIVE] }) { totalCount } }' },
        { query: '{ videoEvents(filter: { status: [LIVEE] }) { totalCount } }' },
        { query: '{ videoEvents(filter: { status: ["LIVE"] }) { totalCount } }' },
        { query: 'query($filter: VideoEventFiltr) { videoEvents(filter: $filter) { totalCount } }' },
        { query: '{ viewer { ...on Usr { id } } }' },
        { query: filtered, variables: { filter: { statu: ['LIVE'] } } },
        { query: filtered, variables: { filter: { status: ['LIVEE'] } } },
      ];
      for (const request of typos) {
        const { errors = [] } = await send(production.url, request);
        expect(errors).not.toEqual([]);
        expect(JSON.stringify(errors)).not.toMatch(/did you mean/i);
        expect(JSON.stringify(await send(server.url, request))).toMatch(/did you mean/i);
      }
    },
  );

  test('of three mistakes it is said what was meant, of more what is wrong alone', async () => {
    const messages = async (fields: number) => {
      const query = `{ ${Array.from({ length: fields }, (_, n) => `viewer${n}: viewr { id }`).join(' ')} }`;
      const { errors = [] } = await server.guest.post(query);
      return errors.map(({ message }) => message);
    };
    const known = 'Cannot query field "viewr" on type "Query".';
    expect(await messages(3)).toEqual(Array(3).fill(expect.stringContaining(`${known} Did you mean "viewer"`)));
    expect(await messages(4)).toEqual(Array(4).fill(known));
  });

  test('has no page of its own in production', async () => {
    const page = (url: string) => fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
    expect((await page(server.url)).headers.get('content-type')).toContain('text/html');
    const response = await page(production.url);
    expect(response.status).toBe(406);
    expect(await response.text()).not.toContain('<html');
  });
});
