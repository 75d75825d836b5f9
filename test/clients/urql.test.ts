import { Client, cacheExchange, fetchExchange, gql, subscriptionExchange, type TypedDocumentNode } from '@urql/core';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { TypedDocumentString } from '../generated/graphql.ts';
import { until } from '../wait.ts';
import { Join, LiveEvents, LogIn, Send, Watch } from './operations.ts';
import { Line, useStage } from './stage.ts';

const stage = useStage();
const line = new Line();
let token: string | null = null;
let client: Client;
let dispose: () => Promise<void> | void;

const typed = <TResult, TVariables>(
  document: TypedDocumentString<TResult, TVariables>,
): TypedDocumentNode<TResult, TVariables & Record<string, unknown>> => gql(document.toString());

beforeAll(() => {
  const url = `${stage.server.url}/graphql`;
  const socket = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: () => (token === null ? {} : { accessToken: token }),
    on: { connected: line.connected },
  });
  dispose = () => socket.dispose();
  client = new Client({
    url,
    preferGetMethod: false,
    fetchOptions: () => (token === null ? {} : { headers: { authorization: `Bearer ${token}` } }),
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => {
            const input = { query: request.query ?? '', variables: { ...request.variables } };
            const unsubscribe = socket.subscribe<Record<string, { cursor?: string }>, Record<string, unknown>>(input, {
              ...sink,
              next: (result) => {
                // graphql-ws sends the same input again after a break: it resumes behind the last item.
                input.variables.after = Object.values(result.data ?? {})[0]?.cursor ?? input.variables.after;
                sink.next(result);
              },
            });
            return { unsubscribe };
          },
        }),
      }),
    ],
  });
});
afterAll(() => dispose());

test('urql logs in, queries, mutates, subscribes, and resumes after a broken socket', async () => {
  const { data: loggedIn } = await client.mutation(typed(LogIn), { input: stage.account });
  if (loggedIn?.logIn.__typename !== 'LogInPayload') throw new Error('the log-in was refused');
  token = loggedIn.logIn.tokens.accessToken;

  const { data: events } = await client.query(typed(LiveEvents), { first: 5 });
  expect(events?.videoEvents.edges).toMatchObject([{ node: { id: stage.eventId, title: 'On air' } }]);

  const input = { eventId: stage.eventId };
  const { data: joined } = await client.mutation(typed(Join), { input });
  if (joined?.joinVideoEvent.__typename !== 'JoinVideoEventPayload') throw new Error('joining was refused');

  const heard: string[] = [];
  const { unsubscribe } = client
    .subscription(typed(Watch), {
      ...input,
      after: joined.joinVideoEvent.videoEvent.feedCursor,
      kinds: ['MessageSent'],
    })
    .subscribe(({ data }) => {
      const item = data?.videoEventFeed;
      heard.push(item?.__typename === 'MessageSent' ? (item.message.text ?? '') : `${item?.__typename}`);
    });
  await stage.say('one');
  await client.mutation(typed(Send), { input: { ...input, text: 'two' } });
  await until(() => heard.length === 2, { what: 'two messages' });

  line.cut();
  await stage.say('three, in the tunnel');
  await until(() => line.connections === 2, { what: 'another connection' });
  await stage.say('four');
  await until(() => heard.length >= 4, { what: 'the rest' });
  expect(heard).toEqual(['one', 'two', 'three, in the tunnel', 'four']);
  unsubscribe();
});

test('urql tells a refusal from a fault', async () => {
  const wrong = { ...stage.account, password: 'wrong password' };
  const { data } = await client.mutation(typed(LogIn), { input: wrong });
  expect(data?.logIn).toMatchObject({ __typename: 'InvalidCredentialsError', code: 'INVALID_CREDENTIALS' });
  token = 'nonsense';
  const { error } = await client.query('{ viewer { id } }', {});
  expect(error?.graphQLErrors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
});
