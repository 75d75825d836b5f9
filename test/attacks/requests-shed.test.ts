import { ApolloClient, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { createClient, fetchExchange } from '@urql/core';
import { describe, expect, test } from 'vitest';
import { codesOf, fetchOverGet, fetchOverPost } from '../api/transports.ts';
import { useServer } from '../harness.ts';
import { exchange } from './deliver.ts';

// So few that there is no room for anybody.
const full = useServer({ config: { httpRequests: { all: 0, perNetwork: 100 } } });
const share = useServer({ config: { httpRequests: { all: 100, perNetwork: 0 }, trustProxy: true } });
const unknownProxy = useServer({ config: { httpRequests: { all: 100, perNetwork: 0 } } });

const query = '{ viewer { id } }';
const unavailable = { code: 'UNAVAILABLE', retryable: true, retryAfterMs: expect.any(Number) };

describe('A server that has its hands full', () => {
  test.each(['application/json', 'application/graphql-response+json', '*/*'])(
    'says when to come back, to who reads %s',
    async (accept) => {
      for (const [{ url }, status, code, more] of [
        [full, 503, 'UNAVAILABLE', { retryable: true }],
        [share, 429, 'RATE_LIMITED', {}],
      ] as const) {
        const answer = await exchange(`${url}/graphql`, {
          headers: { 'content-type': 'application/json', accept, 'x-forwarded-for': '198.51.100.1' },
          body: JSON.stringify({ query }),
        });
        expect(answer.status).toBe(status);
        expect(['1', '2']).toContain(answer.headers['retry-after']);
        expect(answer.headers['content-type']).toContain(accept.includes('graphql') ? accept : 'application/json');
        expect(JSON.parse(answer.body)).toEqual({
          errors: [{ message: expect.any(String), extensions: { code, retryAfterMs: expect.any(Number), ...more } }],
        });
      }
    },
  );

  test('does not tell a crowd to come back in one moment', async () => {
    const refused = async () => {
      const { errors } = (await (await fetchOverPost(full.url, { query })).json()) as {
        errors: [{ extensions: { retryAfterMs: number } }];
      };
      return errors[0].extensions.retryAfterMs;
    };
    const waits = await Promise.all(Array.from({ length: 20 }, refused));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(2000);
    expect(new Set(waits).size).toBeGreaterThan(5);
  });

  test('says so to GET too, and still tells whether it lives', async () => {
    const answer = await fetchOverGet(full.url, { query });
    expect([answer.status, codesOf(await answer.json())]).toEqual([503, ['UNAVAILABLE']]);
    for (const path of ['/health', '/ready']) expect((await fetch(`${full.url}${path}`)).status).toBe(200);
  });

  test('does not take a proxy that it was not told of for one client with more than its share', async () => {
    const answer = await fetchOverPost(unknownProxy.url, { query });
    expect(await answer.json()).toEqual({ data: { viewer: null } });
  });

  test('is understood by Apollo Client', async () => {
    const client = new ApolloClient({
      cache: new InMemoryCache(),
      link: new HttpLink({ uri: `${full.url}/graphql` }),
    });
    const refusal: unknown = await client.query({ query: gql(query) }).catch((error: unknown) => error);
    if (!CombinedGraphQLErrors.is(refusal)) throw refusal;
    expect(refusal.errors[0]?.extensions).toEqual(unavailable);
  });

  test('is understood by urql', async () => {
    const client = createClient({
      url: `${full.url}/graphql`,
      exchanges: [fetchExchange],
      preferGetMethod: false,
    });
    const { error } = await client.query(query, {}).toPromise();
    expect(error?.graphQLErrors[0]?.extensions).toEqual(unavailable);
  });

  test('frees a place with each answer, and with each stream that has begun', async () => {
    const { app } = unknownProxy;
    const streams: AbortController[] = [];
    for (let round = 0; round < 150; round++) {
      const request = new AbortController();
      streams.push(request);
      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        signal: request.signal,
        headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
        body: JSON.stringify({ query: 'subscription { scheduleFeed { __typename } }' }),
      });
      expect(response.status).toBe(200);
    }
    expect((await fetchOverPost(app.url, { query })).status).toBe(200);
    for (const request of streams) request.abort();
  });
});
