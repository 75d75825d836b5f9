import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { useServer } from '../harness.ts';
import { type Answer, codesOf, transports } from './transports.ts';

const documents = {
  'sha256:hello': 'query Hello { __typename }',
  'sha256:events': 'query Events($first: Int!) { videoEvents(first: $first) { totalCount } }',
  'sha256:schema': '{ __schema { queryType { name } } }',
  'sha256:logout': 'mutation { logOut { __typename } }',
  'sha256:schedule': 'subscription { scheduleFeed(after: "no cursor") { __typename } }',
  'sha256:deep': `{ videoEvents(first: 1) { edges { node { ${'host { '.repeat(12)}id${' }'.repeat(12)} } } } }`,
  'sha256:broken': '{ nothing of this',
};
const folder = mkdtempSync(join(tmpdir(), 'ovation-manifest-'));
const manifest = join(folder, 'persisted-documents.json');
writeFileSync(manifest, JSON.stringify(documents));
afterAll(() => rmSync(folder, { recursive: true }));

const optional = useServer({ config: { persistedOperations: { manifest, only: false } } });
const enforced = useServer({ config: { persistedOperations: { manifest, only: true } } });
const without = useServer();

const hashed = (hash: string, version = 1) => ({ persistedQuery: { version, sha256Hash: `sha256:${hash}` } });

describe.each(Object.entries(transports))('over %s', (name, send) => {
  const byHash = (url: string, hash: string, variables?: Record<string, unknown>): Promise<Answer> =>
    send(url, { query: '', variables, extensions: hashed(hash) });

  test('a known hash is executed as its document, with variables', async () => {
    for (const { url } of [optional, enforced]) {
      expect((await byHash(url, 'hello')).data).toEqual({ __typename: 'Query' });
      expect((await byHash(url, 'events', { first: 1 })).data).toEqual({ videoEvents: { totalCount: 0 } });
    }
  });

  test('an unknown hash is refused, in the words that clients with a fallback know', async () => {
    for (const { url } of [optional, enforced]) {
      const { errors, data } = await byHash(url, 'unknown');
      expect(data ?? null).toBeNull();
      expect(errors).toMatchObject([
        { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_OPERATION_NOT_FOUND' } },
      ]);
    }
  });

  test('a document is executed where both are taken, also beside a hash', async () => {
    const query = '{ videoEvents { totalCount } }';
    for (const extensions of [{}, hashed('hello'), hashed('unknown')]) {
      expect((await send(optional.url, { query, extensions })).data).toEqual({ videoEvents: { totalCount: 0 } });
    }
  });

  test('a document is refused where only hashes are taken, known or not, beside a hash or not', async () => {
    for (const query of ['{ __typename }', documents['sha256:hello']]) {
      for (const extensions of [{}, hashed('hello')]) {
        const answer = await send(enforced.url, { query, extensions });
        expect(answer.data ?? null).toBeNull();
        expect(codesOf(answer)).toEqual(['PERSISTED_OPERATIONS_ONLY']);
      }
    }
    expect(codesOf(await send(enforced.url, { query: '' }))).toEqual(['PERSISTED_OPERATIONS_ONLY']);
    expect(codesOf(await send(enforced.url, { query: '', extensions: hashed('hello', 2) }))).toEqual([
      'PERSISTED_OPERATIONS_ONLY',
    ]);
  });

  test('a hash is nothing to a server without a manifest', async () => {
    expect(codesOf(await byHash(without.url, 'hello'))).toEqual(['BAD_REQUEST']);
  });

  test('a persisted document is held to the limits, and to the schema', async () => {
    expect(codesOf(await byHash(enforced.url, 'deep'))).toContain('LIMIT_EXCEEDED');
    expect(codesOf(await byHash(enforced.url, 'broken'))).toEqual(['BAD_REQUEST']);
  });

  test('a subscription runs where its transport carries one', async () => {
    const { data, errors } = await byHash(enforced.url, 'schedule');
    if (name === 'WebSocket' || name === 'SSE') expect(data).toEqual({ scheduleFeed: { __typename: 'FeedReset' } });
    else expect(errors).toHaveLength(1);
  });
});

describe('Persisted operations', () => {
  test('need no query at all over HTTP', async () => {
    const extensions = hashed('hello');
    const posted = await fetch(`${enforced.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ extensions }),
    });
    expect(await posted.json()).toEqual({ data: { __typename: 'Query' } });
    const got = await fetch(
      `${enforced.url}/graphql?${new URLSearchParams({ extensions: JSON.stringify(extensions) })}`,
    );
    expect(await got.json()).toEqual({ data: { __typename: 'Query' } });
  });

  test('do not make a GET of a mutation', async () => {
    const { data, errors } = (await transports.GET?.(enforced.url, { query: '', extensions: hashed('logout') })) ?? {};
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.message).toContain('POST');
  });

  test('leave a request that is none to those who judge that', async () => {
    for (const body of ['null', '"query"', '{"query":5}', '{"extensions":5}', '{"extensions":{"persistedQuery":[]}}']) {
      for (const { url } of [optional, enforced]) {
        const response = await fetch(`${url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
          body,
        });
        expect(response.status).toBe(400);
        expect(['BAD_REQUEST', 'PERSISTED_OPERATIONS_ONLY']).toContain(codesOf((await response.json()) as Answer)[0]);
      }
    }
  });

  test('take nothing from development where documents are taken too: GraphiQL and introspection work', async () => {
    const page = await fetch(`${optional.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(page.headers.get('content-type')).toContain('text/html');
    expect((await optional.guest.post('{ __schema { queryType { name } } }')).data).toEqual({
      __schema: { queryType: { name: 'Query' } },
    });
  });
});
