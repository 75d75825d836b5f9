import type { FormattedExecutionResult } from 'graphql';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { executionWeight } from '../../src/fanout/item-weight.ts';
import { fieldsPerNetwork } from '../../src/fanout/shares.ts';
import { createEvent, signUp } from '../actor.ts';
import { RawSocket } from '../api/raw-socket.ts';
import { EventStream } from '../faults/event-stream.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

// Every different operation is executed for each item. What one network can have executed is bounded.

const server = useServer({ config: { trustProxy: true } });
let eventId: string;
let another: string;
beforeAll(async () => {
  const host = await signUp(server.url, { role: 'HOST' });
  eventId = await createEvent(host, 'LIVE');
  another = await createEvent(host, 'LIVE');
});

const open: { close(): void }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  await until(() => server.app.fanOut?.stats.operations === 0, { what: 'the end of all operations' });
});

/** Documents that differ in a name alone, each of 25 lists of two fields. */
const heavy = (name: string, id = eventId) =>
  `subscription ${name} { videoEventPulse(eventId: "${id}") { ${Array.from({ length: 25 }, (_, n) => `a${n}: reactions { emoji total }`).join(' ')} } }`;
const fit = Math.floor(fieldsPerNetwork / (executionWeight + 25 * (1 + 10 * 2)));

async function connect(address: string): Promise<RawSocket> {
  const socket = await RawSocket.open(server.url, { headers: { 'x-forwarded-for': address } });
  open.push(socket);
  socket.send('{"type":"connection_init"}');
  await until(() => socket.isAcknowledged, { what: 'connection_ack' });
  return socket;
}

let count = 0;
/** The pulse comes at once. Null: it did; otherwise the code of the refusal. */
async function follow(socket: RawSocket, query: string, id = `operation ${count++}`): Promise<string | null> {
  socket.subscribe(id, query);
  const answer = () => socket.received.find((message) => message.id === id);
  const { payload } = await until(answer, { what: `an answer to ${id}` });
  // What GraphQL refuses comes as errors, what a subscription refuses as a result.
  const errors = Array.isArray(payload) ? payload : (payload as FormattedExecutionResult).errors;
  return errors === undefined ? null : String(errors[0]?.extensions?.code);
}

describe('The different subscriptions of one network to one event', () => {
  test('are refused once they select too much; the same ones again, other events and other networks are not', async () => {
    const [one, two] = [await connect('203.0.113.1'), await connect('203.0.113.1')];
    for (let n = 0; n < fit; n++) expect(await follow(n % 2 ? one : two, heavy(`N${n}`))).toBeNull();
    expect(await follow(one, heavy('More'))).toBe('LIMIT_EXCEEDED');
    expect(await follow(two, heavy('More'))).toBe('LIMIT_EXCEEDED');
    expect(await follow(one, `subscription { videoEventPulse(eventId: "${eventId}") { viewerCount } }`)).toBeNull();
    expect(await follow(two, heavy('N0'))).toBeNull();
    expect(await follow(one, heavy('More', another))).toBeNull();
    expect(await follow(await connect('203.0.113.2'), heavy('More'))).toBeNull();
  });

  test('have room again when one of them is followed by nobody any more', async () => {
    const socket = await connect('203.0.113.1');
    for (let n = 0; n < fit; n++) expect(await follow(socket, heavy(`N${n}`), `n${n}`)).toBeNull();
    expect(await follow(socket, heavy('N0'), 'again')).toBeNull();
    expect(await follow(socket, heavy('More'))).toBe('LIMIT_EXCEEDED');
    socket.send({ type: 'complete', id: 'n0' } as never);
    expect(await follow(socket, heavy('More'))).toBe('LIMIT_EXCEEDED');
    socket.send({ type: 'complete', id: 'again' } as never);
    expect(await follow(socket, heavy('More'))).toBeNull();
  });

  test('cannot hide in fragments, nor in pieces', async () => {
    const socket = await connect('203.0.113.1');
    const inside = heavy('X').replace(/^subscription X \{ (.*) \}$/, '$1');
    const within = (n: number) => `subscription { ...F${n} } fragment F${n} on Subscription { ${inside} }`;
    for (let n = 0; n < fit; n++) expect(await follow(socket, within(n))).toBeNull();
    expect(server.app.fanOut?.stats.operations).toBe(fit);
    expect(await follow(socket, within(fit))).toBe('LIMIT_EXCEEDED');
    expect(await follow(socket, heavy('Plain'))).toBe('LIMIT_EXCEEDED');
  });

  test('are counted together over WebSocket and server-sent events', async () => {
    const socket = await connect('127.0.0.1');
    for (let n = 0; n < fit; n++) expect(await follow(socket, heavy(`N${n}`))).toBeNull();
    const stream = new EventStream(server.url, null, heavy('More'));
    open.push(stream);
    await stream.has(1);
    expect(stream.results[0]?.errors?.[0]?.extensions?.code).toBe('LIMIT_EXCEEDED');
    await until(() => stream.over, { what: 'the end of a refused stream' });
    const same = new EventStream(server.url, null, heavy('N0'));
    open.push(same);
    await same.has(1);
    expect(same.results[0]?.errors).toBeUndefined();
  });
});

test('the whole leaderboard fits, at several lengths', async () => {
  const socket = await connect('203.0.113.1');
  const board = (first: number) =>
    `subscription { leaderboard(eventId: "${eventId}", first: ${first}) { eventId entries { rank points user { username displayName avatarUrl } } } }`;
  for (const first of [10, 50, 100]) expect(await follow(socket, board(first))).toBeNull();
});

test('the same text is one operation, also after its parsed document was forgotten', async () => {
  const socket = await connect('203.0.113.1');
  const light = `subscription { videoEventPulse(eventId: "${eventId}") { viewerCount } }`;
  expect(await follow(socket, light)).toBeNull();
  // More text than is remembered.
  for (let n = 0; n < 25; n++) {
    const query = `{ __typename } # ${n} ${'x'.repeat(50_000)}`;
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    expect(response.status).toBe(200);
  }
  expect(await follow(socket, light)).toBeNull();
  expect(server.app.fanOut?.stats.operations).toBe(1);
});
