import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache, type TypedDocumentNode } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';
import { map } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { TypedDocumentString } from '../generated/graphql.ts';
import { until } from '../wait.ts';
import { Join, LiveEvents, LogIn, Send, Watch } from './operations.ts';
import { Line, useStage } from './stage.ts';

const stage = useStage();
const line = new Line();
let token: string | null = null;
let client: ApolloClient;
let dispose: () => Promise<void> | void;

const typed = <TResult, TVariables>(
  document: TypedDocumentString<TResult, TVariables>,
): TypedDocumentNode<TResult, TVariables & Record<string, unknown>> => gql(document.toString());

/** Keeps the place in a feed, so that graphql-ws, which sends the same variables again, resumes behind the last item. */
const resume = new ApolloLink((operation, forward) =>
  forward(operation).pipe(
    map((result) => {
      const item = Object.values(result.data ?? {})[0];
      if (operation.operationType === OperationTypeNode.SUBSCRIPTION && item?.cursor) {
        operation.variables.after = item.cursor;
      }
      return result;
    }),
  ),
);

/** Which types a fragment on an interface matches: Apollo asks for this list where fragments are on interfaces. */
async function possibleTypes(url: string): Promise<Record<string, string[]>> {
  const query = '{ __schema { types { kind name possibleTypes { name } } } }';
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { data } = await response.json();
  const types: { name: string; possibleTypes: { name: string }[] | null }[] = data.__schema.types;
  return Object.fromEntries(
    types.flatMap(({ name, possibleTypes }) => (possibleTypes ? [[name, possibleTypes.map((type) => type.name)]] : [])),
  );
}

beforeAll(async () => {
  const uri = `${stage.server.url}/graphql`;
  const socket = createClient({
    url: uri.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: () => (token === null ? {} : { authorization: `Bearer ${token}` }),
    on: { connected: line.connected },
  });
  dispose = () => socket.dispose();
  const auth = new SetContextLink(({ headers }) => ({
    headers: { ...headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
  }));
  client = new ApolloClient({
    cache: new InMemoryCache({ possibleTypes: await possibleTypes(uri) }),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      ApolloLink.from([resume, new GraphQLWsLink(socket)]),
      ApolloLink.from([auth, new HttpLink({ uri })]),
    ),
  });
});
afterAll(() => dispose());

test('Apollo Client logs in, queries, mutates, subscribes, and resumes after a broken socket', async () => {
  const logIn = await client.mutate({ mutation: typed(LogIn), variables: { input: stage.account } });
  if (logIn.data?.logIn.__typename !== 'LogInPayload') throw new Error('the log-in was refused');
  token = logIn.data.logIn.tokens.accessToken;

  const events = await client.query({ query: typed(LiveEvents), variables: { first: 5 } });
  expect(events.data?.videoEvents.edges).toMatchObject([{ node: { id: stage.eventId, title: 'On air' } }]);

  const input = { eventId: stage.eventId };
  const joined = await client.mutate({ mutation: typed(Join), variables: { input } });
  if (joined.data?.joinVideoEvent.__typename !== 'JoinVideoEventPayload') throw new Error('joining was refused');

  const heard: string[] = [];
  const subscription = client
    .subscribe({
      query: typed(Watch),
      variables: { ...input, after: joined.data.joinVideoEvent.videoEvent.feedCursor, kinds: ['MessageSent'] },
    })
    .subscribe(({ data }) => {
      const item = data?.videoEventFeed;
      heard.push(item?.__typename === 'MessageSent' ? (item.message.text ?? '') : `${item?.__typename}`);
    });
  await stage.say('one');
  await client.mutate({ mutation: typed(Send), variables: { input: { ...input, text: 'two' } } });
  await until(() => heard.length === 2, { what: 'two messages' });

  line.cut();
  await stage.say('three, in the tunnel');
  await until(() => line.connections === 2, { what: 'another connection' });
  await stage.say('four');
  await until(() => heard.length >= 4, { what: 'the rest' });
  expect(heard).toEqual(['one', 'two', 'three, in the tunnel', 'four']);
  subscription.unsubscribe();
});

test('Apollo Client tells a refusal from a fault', async () => {
  const wrong = { ...stage.account, password: 'wrong password' };
  const { data } = await client.mutate({ mutation: typed(LogIn), variables: { input: wrong } });
  expect(data?.logIn).toMatchObject({ __typename: 'InvalidCredentialsError', code: 'INVALID_CREDENTIALS' });
  token = 'nonsense';
  await expect(client.query({ query: gql('{ viewer { id } }'), fetchPolicy: 'no-cache' })).rejects.toMatchObject({
    errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });
});
