import { createClient } from 'graphql-ws';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createEvent, join, signUp } from '../actor.ts';
import { RawSocket } from '../api/raw-socket.ts';
import { transports } from '../api/transports.ts';
import { EventStream } from '../faults/event-stream.ts';
import { startInstance, useServer } from '../harness.ts';
import { until } from '../wait.ts';

const auth = { keys: null, issuer: 'ovation', accessTokenSeconds: 3, sessionSeconds: 60 };
const server = useServer({ config: { auth } });

const feed = `subscription($eventId: ID!, $after: String) {
  videoEventFeed(eventId: $eventId, after: $after) { ... on FeedItem { sequence } ... on MessageSent { message { text } } } }`;
const refresh = `mutation($refreshToken: String!) { refreshSession(input: { refreshToken: $refreshToken }) {
  ... on RefreshSessionPayload { tokens { refreshToken accessTokenExpiresAt } } ... on Error { code } } }`;

describe('A live session', () => {
  test('that renews itself on its own socket keeps the socket, and misses nothing over many lives of a token', async () => {
    // Whoever speaks has a token of the same keys that lasts.
    const patient = await startInstance({ databaseUrl: server.databaseUrl });
    const host = (await signUp(patient.url, { role: 'HOST' })).at(server.url);
    const eventId = await createEvent(host);
    await join(host, eventId);
    const { feedCursor } = (await host.ask('query($id: ID!) { videoEvent(id: $id) { feedCursor } }', { id: eventId }))
      .videoEvent;
    const viewer = await server.signUp();

    const closed: unknown[] = [];
    const client = createClient({
      url: `${server.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazy: false,
      connectionParams: { accessToken: viewer.signedIn.accessToken },
      on: { closed: (event) => closed.push(event) },
    });
    const texts: string[] = [];
    const sequences: number[] = [];
    client.subscribe<{ videoEventFeed: { sequence: number; message: { text: string } } }>(
      { query: feed, variables: { eventId, after: feedCursor } },
      {
        next: ({ data }) => {
          texts.push(data?.videoEventFeed.message.text ?? '');
          sequences.push(data?.videoEventFeed.sequence ?? 0);
        },
        error: (error) => closed.push(error),
        complete: () => closed.push('complete'),
      },
    );

    let { refreshToken } = viewer.signedIn;
    const sent: string[] = [];
    const firstExpiry = Date.now() + auth.accessTokenSeconds * 1000;
    // Three lives of a token, message after message.
    while (Date.now() < firstExpiry + 2 * auth.accessTokenSeconds * 1000) {
      // Within what a socket may send.
      const next = Date.now() + 100;
      await until(() => Date.now() >= next, { what: 'the next message to be due' });
      const { value } = await client
        .iterate<{ refreshSession: { tokens: { refreshToken: string } } }>({
          query: refresh,
          variables: { refreshToken },
        })
        .next();
      refreshToken = value?.data?.refreshSession.tokens.refreshToken ?? '';
      const text = `message ${sent.length}`;
      await host.mutate('sendMessage', { eventId, text });
      sent.push(text);
    }
    await until(() => texts.length >= sent.length, { what: 'every message' });
    expect(texts).toEqual(sent);
    expect(sequences).toEqual(sent.map((_text, index) => (sequences[0] ?? 0) + index));
    expect(closed).toEqual([]);
    await client.dispose();
    await patient.drain(2000);
  });

  test('that is not renewed ends with its token: the socket with 4401, the stream with a reason', async () => {
    const ada = await server.signUp();
    const query = 'subscription { myFeed(after: "none") { __typename } }';
    const socket = ada.subscribe(query);
    const stream = new EventStream(server.url, ada.signedIn.accessToken, query);
    await Promise.all([socket.has(1), stream.has(1)]);
    await until(() => socket.closeCode !== null && stream.over, { what: 'the end of both' });
    expect(socket.closeCode).toBe(4401);
    expect(stream.completed).toBe(true);
    expect(stream.results.at(-1).errors[0].extensions.code).toBe('UNAUTHENTICATED');
    // What it was given is of no use to anybody any more, and says so everywhere.
    const token = ada.signedIn.accessToken;
    for (const send of [transports.POST, transports.GET, transports.SSE]) {
      const answer = await send?.(server.url, { query: '{ viewer { id } }', token });
      expect(answer?.errors?.[0]).toMatchObject({
        message: 'The access token has expired.',
        extensions: { code: 'UNAUTHENTICATED' },
      });
    }
    const late = await RawSocket.connect(server.url, token);
    expect(await late.closed()).toBe(4401);
    await socket.close();
  });
});
