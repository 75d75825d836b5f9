import { fileURLToPath } from 'node:url';
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { TypedDocumentString, WatchSubscription } from '../generated/graphql.ts';
import { startInstance } from '../harness.ts';
import { until } from '../wait.ts';
import { Join, LiveEvents, LogIn, Send, Watch } from './operations.ts';
import { useStage } from './stage.ts';

const stage = useStage();

/** All of a client that a front end without a library needs. */
async function ask<TResult, TVariables>(
  document: TypedDocumentString<TResult, TVariables>,
  variables: TVariables,
  token?: string,
): Promise<TResult> {
  const response = await fetch(`${stage.server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query: document, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

test('the generated client logs in, lists, joins, sends and watches, with types all the way', async () => {
  const { logIn } = await ask(LogIn, { input: stage.account });
  if (logIn.__typename !== 'LogInPayload') throw new Error(logIn.message);
  const token = logIn.tokens.accessToken;
  expect(logIn.user.username).toBe(stage.account.login);

  const { videoEvents } = await ask(LiveEvents, { first: 5 });
  const [event] = videoEvents.edges.map(({ node }) => node);
  expect(event).toMatchObject({ id: stage.eventId, title: 'On air', status: 'LIVE' });
  const eventId = event?.id ?? '';

  const { joinVideoEvent } = await ask(Join, { input: { eventId } }, token);
  if (joinVideoEvent.__typename !== 'JoinVideoEventPayload') throw new Error(joinVideoEvent.message);
  expect(joinVideoEvent.videoEvent.viewerStanding).toBe('PARTICIPANT');

  const client = createClient({
    url: `${stage.server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { accessToken: token },
  });
  const items: WatchSubscription['videoEventFeed'][] = [];
  const variables = { eventId, after: joinVideoEvent.videoEvent.feedCursor, kinds: ['MessageSent' as const] };
  client.subscribe<WatchSubscription>(
    { query: Watch.toString(), variables },
    { next: ({ data }) => data && items.push(data.videoEventFeed), error: () => {}, complete: () => {} },
  );
  const { sendMessage } = await ask(Send, { input: { eventId, text: 'Typed!' } }, token);
  if (sendMessage.__typename !== 'SendMessagePayload') throw new Error(sendMessage.message);
  await stage.say('Heard you');
  await until(() => items.length === 2, { what: 'two messages' });
  expect(items.map((item) => (item.__typename === 'MessageSent' ? item.message.text : item.__typename))).toEqual([
    'Typed!',
    'Heard you',
  ]);
  expect(items[0]).toMatchObject({ sequence: sendMessage.sentMessage.sequence });
  await client.dispose();
});

test('the generated client sends the hashes of its operations alone, to a server that takes nothing else', async () => {
  const manifest = fileURLToPath(new URL('../generated/persisted-documents.json', import.meta.url));
  const strict = await startInstance({
    databaseUrl: stage.server.databaseUrl,
    config: { persistedOperations: { manifest, only: true } },
  });
  const extensionsOf = (document: { __meta__?: Record<string, unknown> }) => ({
    persistedQuery: { version: 1, sha256Hash: document.__meta__?.hash },
  });
  const post = async (body: object) => {
    const response = await fetch(`${strict.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  try {
    const { data } = await post({ extensions: extensionsOf(LogIn), variables: { input: stage.account } });
    expect(data.logIn).toMatchObject({ __typename: 'LogInPayload', user: { username: stage.account.login } });
    const { errors } = await post({ query: LogIn.toString(), variables: { input: stage.account } });
    expect(errors).toMatchObject([{ extensions: { code: 'PERSISTED_OPERATIONS_ONLY' } }]);

    const client = createClient({ url: `${strict.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
    const items: WatchSubscription['videoEventFeed'][] = [];
    client.subscribe<WatchSubscription>(
      // A cursor that is none: the first item comes at once, and says so.
      { query: '', extensions: extensionsOf(Watch), variables: { eventId: stage.eventId, after: 'none' } },
      { next: ({ data }) => data && items.push(data.videoEventFeed), error: () => {}, complete: () => {} },
    );
    await until(() => items.length === 1, { what: 'the reset' });
    expect(items[0]?.__typename).toBe('FeedReset');
    await stage.say('By hash');
    await until(() => items.length === 2, { what: 'a message' });
    expect(items[1]).toMatchObject({ __typename: 'MessageSent', message: { text: 'By hash' } });
    await client.dispose();
  } finally {
    await strict.drain(2000);
  }
});
