import { randomBytes } from 'node:crypto';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Actor, createEvent } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { SpanRecorder } from './span-recorder.ts';

const recorder = new SpanRecorder();
beforeAll(() => recorder.install());
afterAll(() => recorder.uninstall());
const server = useServer();

/** The span of a client that the server's are to belong to. */
function remoteSpan() {
  const traceId = randomBytes(16).toString('hex');
  const spanId = randomBytes(8).toString('hex');
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-01` };
}

const send = 'mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }';

async function post(actor: Actor, traceparent: string, body: object): Promise<void> {
  const response = await fetch(`${actor.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      traceparent,
      ...(actor.session === null ? {} : { authorization: `Bearer ${actor.session.accessToken}` }),
    },
    body: JSON.stringify(body),
  });
  await response.text();
}

const spansOf = (traceId: string, count: number) =>
  until(() => recorder.of(traceId).length >= count && recorder.of(traceId), { what: `${count} spans` });

test("an operation's span continues the client's trace, and its unit of work is below it", async () => {
  const host = await server.signUp({ role: 'HOST' });
  const eventId = await createEvent(host);
  const remote = remoteSpan();
  await post(host, remote.traceparent, { query: send, variables: { input: { eventId, text: 'traced' } } });
  const [operation, write, ...more] = await spansOf(remote.traceId, 2);
  expect(more).toEqual([]);
  expect(operation).toMatchObject({
    name: 'mutation',
    kind: SpanKind.SERVER,
    parentId: remote.spanId,
    attributes: {
      'graphql.operation.name': 'Send',
      'graphql.operation.type': 'mutation',
      'ovation.transport': 'http',
      'ovation.outcome': 'OK',
    },
  });
  expect(write).toMatchObject({
    name: 'write',
    parentId: operation?.spanId,
    attributes: { 'ovation.entries': 1, 'ovation.runs': 1 },
  });
});

test('over WebSocket the trace stands in the extensions of each operation', async () => {
  const host = await server.signUp({ role: 'HOST' });
  const eventId = await createEvent(host);
  const client = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { accessToken: host.signedIn.accessToken },
  });
  const remotes = [remoteSpan(), remoteSpan()];
  for (const { traceparent } of remotes) {
    const variables = { input: { eventId, text: 'traced' } };
    for await (const result of client.iterate({ query: send, variables, extensions: { traceparent } })) {
      expect(result.errors).toBeUndefined();
    }
  }
  for (const remote of remotes) {
    const [operation, write] = await spansOf(remote.traceId, 2);
    expect(operation).toMatchObject({ parentId: remote.spanId, attributes: { 'ovation.transport': 'websocket' } });
    expect(write).toMatchObject({ name: 'write', parentId: operation?.spanId });
  }
  await client.dispose();
});

test('without a trace of its own an operation begins one; what is refused has a span, too', async () => {
  const before = recorder.spans.length;
  await server.guest.ask('query Alone { __typename }');
  await server.guest.post('{ nonsense }');
  const [alone, refused] = await until(
    () => {
      const ended = recorder.spans.slice(before).filter(({ ended }) => ended);
      return ended.length >= 2 && ended;
    },
    { what: 'two spans' },
  );
  expect(alone).toMatchObject({ name: 'query', parentId: null, attributes: { 'graphql.operation.name': 'Alone' } });
  expect(refused).toMatchObject({ parentId: null, attributes: { 'ovation.outcome': 'BAD_REQUEST' } });
  expect(refused?.status.code).toBe(SpanStatusCode.UNSET);
});

test('a fault marks its span as failed', async () => {
  await server.app.db.$executeRaw`ALTER TABLE "User" RENAME TO "Elsewhere"`;
  const remote = remoteSpan();
  await post(server.guest, remote.traceparent, { query: '{ users { edges { cursor } } }' });
  await server.app.db.$executeRaw`ALTER TABLE "Elsewhere" RENAME TO "User"`;
  const [operation] = await spansOf(remote.traceId, 1);
  expect(operation?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'INTERNAL' });
});

test('a page is no operation and has no span; a request that is none has one that ends', async () => {
  const before = recorder.spans.length;
  await (await fetch(`${server.url}/graphql`, { headers: { accept: 'text/html' } })).text();
  expect(recorder.spans.length).toBe(before);
  const headers = { 'content-type': 'application/json' };
  await (await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: 'no operation' })).text();
  await until(() => recorder.spans.length > before && recorder.spans.slice(before).every(({ ended }) => ended), {
    what: 'the end of the span',
  });
});
