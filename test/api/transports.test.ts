import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-sse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadKeys } from '../../src/auth/keys.ts';
import { createTokens } from '../../src/auth/tokens.ts';
import { type Actor, createEvent, join as joinEvent } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { RawSocket } from './raw-socket.ts';
import { type Answer, codesOf, fetchOverGet, fetchOverPost, transports } from './transports.ts';

const dataDir = await mkdtemp(join(tmpdir(), 'ovation-transports-'));
afterAll(() => rm(dataDir, { recursive: true }));

const server = useServer({ config: { dataDir } });
let host: Actor;
let eventId: string;
/** Followers of feeds that are the server's own. */
let own: number;
beforeAll(async () => {
  own = server.app.hub.stats.subscribers;
  host = await server.signUp({ role: 'HOST' });
  eventId = await createEvent(host);
  await joinEvent(host, eventId);
});

const feed = `subscription ($eventId: ID!, $after: String) { videoEventFeed(eventId: $eventId, after: $after) {
  __typename ... on FeedItem { cursor sequence occurredAt streamOffset } ... on MessageSent { message { id text author { username } } } } }`;

const say = (text: string) => host.mutate('sendMessage', { eventId, text }, 'sentMessage { id }');

async function feedCursor(): Promise<string> {
  const { videoEvent } = await host.ask('query($id: ID!) { videoEvent(id: $id) { feedCursor } }', { id: eventId });
  return videoEvent.feedCursor;
}

/** A subscription over server-sent events, as graphql-sse's client reads it in its distinct connections mode. */
function followOverEventStream(variables: Record<string, unknown>, token = host.signedIn.accessToken) {
  const client = createClient({
    url: `${server.url}/graphql`,
    retryAttempts: 0,
    headers: { authorization: `Bearer ${token}` },
  });
  const items: unknown[] = [];
  client.subscribe<{ videoEventFeed: unknown }>(
    { query: feed, variables },
    { next: ({ data }) => items.push(data?.videoEventFeed), error: () => {}, complete: () => {} },
  );
  return { items, close: () => client.dispose() };
}

const nobodyFollows = () =>
  until(() => server.app.hub.stats.subscribers === own, { what: 'the end of every subscription' });

describe('A subscription', () => {
  test('brings the same over WebSocket and over server-sent events, replayed and live', async () => {
    const after = await feedCursor();
    await say('before anybody looks');
    const overSocket = host.subscribe(feed, { eventId, after });
    const overEvents = followOverEventStream({ eventId, after });
    await until(() => overEvents.items.length === 1 && overSocket.items.length === 1, { what: 'the replay' });
    await say('while both look');
    await say('once more');
    await until(() => overEvents.items.length === 3, { what: 'three items' });
    expect(await overSocket.has(3)).toEqual(overEvents.items);
    expect(overEvents.items).toMatchObject([
      { __typename: 'MessageSent', message: { text: 'before anybody looks' } },
      { message: { text: 'while both look' } },
      { message: { text: 'once more' } },
    ]);
    overEvents.close();
    await overSocket.close();
  });

  test('over server-sent events ends with its reader', async () => {
    await nobodyFollows();
    const followed = followOverEventStream({ eventId });
    await until(() => server.app.hub.stats.subscribers > own, { what: 'a subscriber' });
    followed.close();
    await nobodyFollows();
  });

  test('over server-sent events leaves nothing behind when its reader goes while it is made', async () => {
    await nobodyFollows();
    for (let patience = 0; patience < 40; patience++) {
      const request = new AbortController();
      const response = fetch(`${server.url}/graphql`, {
        method: 'POST',
        signal: request.signal,
        headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
        body: JSON.stringify({ query: feed, variables: { eventId } }),
      });
      const gone = setTimeout(() => request.abort(), patience);
      await response.then((answer) => answer.text()).catch(() => {});
      clearTimeout(gone);
    }
    await nobodyFollows();
  });

  test('over server-sent events ends with the session', async () => {
    const leaving = await server.signUp();
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        authorization: `Bearer ${leaving.signedIn.accessToken}`,
      },
      body: JSON.stringify({ query: 'subscription { scheduleFeed { __typename } }' }),
    });
    await leaving.ask('mutation { logOut { __typename } }');
    const stream = await response.text();
    expect(stream).toContain('UNAUTHENTICATED');
    expect(stream).toMatch(/event: complete\s/);
  });

  test('that asks for JSON is told what to ask for, and follows nothing', async () => {
    await nobodyFollows();
    const response = await fetchOverPost(server.url, { query: 'subscription { scheduleFeed { __typename } }' });
    expect(response.status).toBe(406);
    expect(codesOf((await response.json()) as Answer)).toEqual(['BAD_REQUEST']);
    expect(server.app.hub.stats.subscribers).toBe(own);
  });
});

describe('Queries and mutations', () => {
  const create = (title: string) =>
    `mutation { createVideoEvent(input: { title: "${title}", scheduledAt: "2040-01-01T00:00:00Z" }) {
      __typename ... on CreateVideoEventPayload { videoEvent { title } } } }`;

  test.each(Object.entries(transports))('know the viewer over %s', async (_name, send) => {
    const token = host.signedIn.accessToken;
    expect(await send(server.url, { query: '{ viewer { id } }', token })).toEqual({
      data: { viewer: { id: host.id } },
    });
    expect(await send(server.url, { query: '{ viewer { id } }' })).toEqual({ data: { viewer: null } });
  });

  test.each(Object.entries(transports).filter(([name]) => name !== 'GET'))('write over %s', async (name, send) => {
    const answer = await send(server.url, { query: create(`Over ${name}`), token: host.signedIn.accessToken });
    expect(answer.data).toEqual({
      createVideoEvent: { __typename: 'CreateVideoEventPayload', videoEvent: { title: `Over ${name}` } },
    });
  });
});

describe('A token that is not good', () => {
  const tokens = async (): Promise<[string, string][]> => {
    const [header, claims, signature] = host.signedIn.accessToken.split('.');
    const expired = createTokens({
      keys: await loadKeys({ keys: null, dataDir }),
      issuer: 'ovation',
      accessTokenSeconds: -60,
    });
    const claimed = JSON.parse(Buffer.from(claims ?? '', 'base64url').toString());
    const { token } = await expired.sign({ userId: claimed.sub, sessionId: claimed.sid, role: claimed.role });
    const admin = Buffer.from(JSON.stringify({ ...claimed, role: 'ADMIN' })).toString('base64url');
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url');
    const leaving = await server.signUp();
    await leaving.ask('mutation { logOut { __typename } }');
    return [
      ['garbage', 'garbage'],
      ['expired', token],
      ['with other claims', `${header}.${admin}.${signature}`],
      ['unsigned', `${unsigned}.${claims}.`],
      ['of a session that was ended', leaving.signedIn.accessToken],
    ];
  };

  test('is refused with 401 over HTTP', async () => {
    for (const [what, token] of await tokens()) {
      for (const send of [fetchOverPost, fetchOverGet]) {
        const response = await send(server.url, { query: '{ __typename viewer { id } }', token });
        expect([what, response.status]).toEqual([what, 401]);
        const answer = (await response.json()) as Answer;
        expect(answer).not.toHaveProperty('data');
        expect(codesOf(answer)).toEqual(['UNAUTHENTICATED']);
      }
    }
  });

  test('is refused as the only event over server-sent events', async () => {
    for (const [, token] of await tokens()) {
      const answer = await transports.SSE?.(server.url, { query: feed, variables: { eventId }, token });
      expect(answer).not.toHaveProperty('data');
      expect(codesOf(answer ?? {})).toEqual(['UNAUTHENTICATED']);
    }
  });

  test('closes a WebSocket with 4401', async () => {
    for (const [what, token] of await tokens()) {
      const socket = await RawSocket.connect(server.url, token);
      expect([what, await socket.closed()]).toEqual([what, 4401]);
      expect(socket.isAcknowledged).toBe(false);
    }
  });
});
