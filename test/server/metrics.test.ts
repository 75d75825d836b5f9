import { describe, expect, test } from 'vitest';
import { type Actor, createEvent, join } from '../actor.ts';
import { RawSocket } from '../api/raw-socket.ts';
import { transports } from '../api/transports.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { fetchMetrics, type Samples, samplesOf, scrape, total } from './scrape.ts';

/** How much a metric has grown between two looks. */
const growth =
  (before: Samples, after: Samples) =>
  (name: string, labels: Readonly<Record<string, string>> = {}): number =>
    total(after, name, labels) - total(before, name, labels);

const send = `mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { __typename ... on Error { code } } }`;

/** A subscription over SSE: how many events came, and what ends it. */
async function followOverSse(actor: Actor, eventId: string): Promise<{ events: () => number; close: () => void }> {
  const end = new AbortController();
  const response = await fetch(`${actor.url}/graphql`, {
    method: 'POST',
    signal: end.signal,
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      authorization: `Bearer ${actor.signedIn.accessToken}`,
    },
    body: JSON.stringify({
      query: 'subscription Follow($id: ID!) { videoEventFeed(eventId: $id) { ... on FeedItem { sequence } } }',
      variables: { id: eventId },
    }),
  });
  let text = '';
  const read = async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
  };
  read().catch((error: unknown) => {
    if (!end.signal.aborted) throw error;
  });
  return { events: () => text.split('event: next').length - 1, close: () => end.abort() };
}

describe('metrics agree with what clients counted', () => {
  const server = useServer({ config: { rateLimits: true } });

  test('operations and their outcomes, over POST, GET, WebSocket and SSE', async () => {
    const before = await scrape(server.url);
    const query = 'query Look { viewer { id } }';
    for (const [name, times] of Object.entries({ POST: 4, GET: 3, WebSocket: 2, SSE: 5 })) {
      for (let n = 0; n < times; n++) await transports[name]?.(server.url, { query });
    }
    // Refused: by the grammar, by validation, for lack of a session, for a token that is none.
    for (const [name, transport] of Object.entries(transports)) {
      await transport(server.url, { query: '{' });
      await transport(server.url, { query: 'query Nonsense { nonsense }' });
      if (name === 'GET') continue;
      await transport(server.url, { query: 'mutation Leave { logOut { __typename } }' });
    }
    for (const name of ['POST', 'GET', 'SSE']) {
      await transports[name]?.(server.url, { query, token: 'nonsense' });
    }
    const grown = growth(before, await scrape(server.url));
    const count = (labels: Record<string, string>) => grown('ovation_operations_total', labels);
    expect(count({ name: 'Look', outcome: 'OK', type: 'query', transport: 'http' })).toBe(12);
    expect(count({ name: 'Look', outcome: 'OK', type: 'query', transport: 'websocket' })).toBe(2);
    expect(count({ type: 'unknown', outcome: 'BAD_REQUEST', transport: 'http' })).toBe(6);
    expect(count({ type: 'unknown', outcome: 'BAD_REQUEST', transport: 'websocket' })).toBe(2);
    expect(count({ type: 'mutation', outcome: 'UNAUTHENTICATED', transport: 'http' })).toBe(2);
    expect(count({ type: 'mutation', outcome: 'UNAUTHENTICATED', transport: 'websocket' })).toBe(1);
    expect(count({ type: 'unknown', outcome: 'UNAUTHENTICATED', transport: 'http' })).toBe(3);
    expect(count({})).toBe(12 + 2 + 6 + 2 + 2 + 1 + 3);
    expect(grown('ovation_operation_seconds_count')).toBe(count({}));
    expect(grown('ovation_mutations_total', { mutation: 'logOut', outcome: 'UNAUTHENTICATED' })).toBe(3);
  });

  test('a live event: subscriptions, deliveries, refusals by code, rate limits, batches and sockets', async () => {
    const host = await server.signUp({ role: 'HOST' });
    const [speaker, stranger] = [await server.signUp(), await server.signUp()];
    const eventId = await createEvent(host);
    await join(speaker, eventId);
    const before = await scrape(server.url);

    const sockets = await Promise.all([host, speaker, stranger].map((actor) => actor.follow(eventId)));
    const streams = await Promise.all([followOverSse(host, eventId), followOverSse(stranger, eventId)]);
    const live = async () => growth(before, await scrape(server.url));
    await until(async () => (await live())('ovation_subscriptions') === 5, { what: 'five live subscriptions' });
    const opened = await live();
    expect(opened('ovation_subscriptions', { transport: 'websocket' })).toBe(3);
    expect(opened('ovation_subscriptions', { transport: 'sse' })).toBe(2);
    // The instance itself watches an event that somebody follows.
    expect(opened('ovation_feed_subscribers')).toBe(6);
    expect(opened('ovation_feeds')).toBe(1);
    expect(opened('ovation_sockets')).toBe(3);

    const messages = 18;
    const say = (actor: Actor, text: string) => actor.post(send, { input: { eventId, text } });
    for (let n = 0; n < messages / 2; n++) await say(speaker, `one by one ${n}`);
    await Promise.all(Array.from({ length: messages / 2 }, (_, n) => say(speaker, `together ${n}`)));
    for (let n = 0; n < 3; n++) await say(stranger, 'not joined');
    await say(speaker, '');
    for (const socket of sockets) await socket.has(messages);
    for (const stream of streams) await until(() => stream.events() >= messages, { what: 'the messages over SSE' });

    const delivered = await live();
    expect(delivered('ovation_deliveries_total', { transport: 'websocket' })).toBe(3 * messages);
    expect(delivered('ovation_deliveries_total', { transport: 'sse' })).toBe(2 * messages);
    expect(delivered('ovation_commit_to_socket_seconds_count')).toBe(5 * messages);
    expect(delivered('ovation_commit_to_socket_seconds_bucket', { le: '+Inf' })).toBe(5 * messages);
    expect(delivered('ovation_mutations_total', { mutation: 'sendMessage', outcome: 'OK' })).toBe(messages);
    expect(delivered('ovation_mutations_total', { mutation: 'sendMessage', outcome: 'NOT_PARTICIPANT' })).toBe(3);
    expect(delivered('ovation_mutations_total', { mutation: 'sendMessage', outcome: 'INVALID_INPUT' })).toBe(1);
    expect(delivered('ovation_operations_total', { name: 'Send', outcome: 'OK' })).toBe(messages);
    expect(delivered('ovation_operations_total', { name: 'Send', outcome: 'NOT_PARTICIPANT' })).toBe(3);
    // Three were refused by the event, and took part in a batch.
    expect(delivered('ovation_commit_batch_size_sum')).toBe(messages + 3);
    expect(delivered('ovation_operations_total', { type: 'subscription', transport: 'websocket' })).toBe(3);
    expect(delivered('ovation_operations_total', { type: 'subscription', transport: 'http', name: 'Follow' })).toBe(2);

    for (const socket of sockets) await socket.close();
    for (const stream of streams) stream.close();
    await until(async () => (await live())('ovation_subscriptions') === 0, { what: 'no live subscription' });
    await until(async () => (await live())('ovation_sockets') === 0, { what: 'no open socket' });
    expect((await live())('ovation_sockets_closed_total', { code: '1000' })).toBe(3);
  });

  test('a replay is delivered, and says nothing of delays', async () => {
    const host = await server.signUp({ role: 'HOST' });
    const eventId = await createEvent(host);
    const { videoEvent } = await host.ask('query($id: ID!) { videoEvent(id: $id) { feedCursor } }', { id: eventId });
    for (let n = 0; n < 5; n++) await host.post(send, { input: { eventId, text: `${n}` } });
    // The next millisecond: an entry of this one may be the replay's or not.
    const sentAt = Date.now();
    await until(() => Date.now() > sentAt, { what: 'the next millisecond' });
    const before = await scrape(server.url);
    const late = await host.follow(eventId, '', { after: videoEvent.feedCursor });
    await late.has(5);
    const grown = growth(before, await scrape(server.url));
    expect(grown('ovation_deliveries_total', { transport: 'websocket' })).toBe(5);
    expect(grown('ovation_commit_to_socket_seconds_count')).toBe(0);
    await late.close();
  });

  test('a document of eleven logIns counts eleven mutations, one operation, and its refusal by the rate limit', async () => {
    const before = await scrape(server.url);
    const field = 'logIn(input: { login: "nobody", password: "wrong password" }) { __typename }';
    const fields = Array.from({ length: 11 }, (_, n) => `m${n}: ${field}`).join('\n');
    await server.guest.post(`mutation Guess { ${fields} }`);
    const grown = growth(before, await scrape(server.url));
    expect(grown('ovation_mutations_total', { mutation: 'logIn', outcome: 'INVALID_CREDENTIALS' })).toBe(10);
    expect(grown('ovation_mutations_total', { mutation: 'logIn', outcome: 'RATE_LIMITED' })).toBe(1);
    expect(grown('ovation_rate_limited_total', { limit: 'logIn' })).toBe(1);
    expect(grown('ovation_operations_total', { name: 'Guess', outcome: 'RATE_LIMITED' })).toBe(0);
    expect(grown('ovation_operations_total', { name: 'other', outcome: 'RATE_LIMITED' })).toBe(1);
  });

  test('a socket that talks too much, and one that closes with a code of its own', async () => {
    const before = await scrape(server.url);
    const loud = await RawSocket.connect(server.url);
    for (let n = 0; n < 100; n++) loud.send('{"type":"ping"}');
    expect(await loud.closed()).toBe(4429);
    const odd = await RawSocket.connect(server.url);
    odd.leave(3999);
    const grown = async () => growth(before, await scrape(server.url));
    await until(async () => (await grown())('ovation_sockets_closed_total') === 2, { what: 'two closed sockets' });
    expect((await grown())('ovation_sockets_closed_total', { code: '4429' })).toBe(1);
    expect((await grown())('ovation_sockets_closed_total', { code: 'other' })).toBe(1);
  });

  test('the pool, the broker, the jobs and the process are told', async () => {
    const page = await (await fetchMetrics(server.url)).text();
    const samples = samplesOf(page);
    expect(samples.get('ovation_broker_up{kind="memory"}')).toBe(1);
    expect(samples.get('ovation_database_pool{state="waiting"}')).toBe(0);
    expect(samples.get('ovation_database_pool{state="total"}')).toBeGreaterThan(0);
    expect(samples.get('ovation_password_hashes{state="running"}')).toBe(0);
    expect(samples.get('ovation_job_lag_seconds{kind="housekeeping"}')).toBe(0);
    expect(samples.get('nodejs_eventloop_lag_p99_seconds')).toBeDefined();
    expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(0);
  });
});

describe('servers of one process', () => {
  const [one, other] = [useServer(), useServer()];

  test('count for themselves', async () => {
    await one.signUp();
    const of = (samples: Samples) => total(samples, 'ovation_mutations_total', { mutation: 'signUp' });
    expect(of(await scrape(one.url))).toBe(1);
    expect(of(await scrape(other.url))).toBe(0);
  });
});

describe('operation names', () => {
  const server = useServer();

  test('are told apart up to a hundred; a client cannot make more series', async () => {
    for (let n = 0; n < 130; n++) await server.guest.ask(`query Name${n} { __typename }`);
    const samples = await scrape(server.url);
    const names = [...samples.keys()].filter((key) => key.startsWith('ovation_operations_total'));
    expect(names).toHaveLength(101);
    expect(total(samples, 'ovation_operations_total', { name: 'other' })).toBe(30);
  });
});

describe('who may read them', () => {
  const guarded = useServer({ config: { metrics: { token: 'long-enough-a-secret' } } });
  const without = useServer({ config: { metrics: null } });

  test('with a token: who sends it', async () => {
    const statusOf = async (token?: string) => (await fetchMetrics(guarded.url, token)).status;
    expect(await statusOf()).toBe(401);
    expect(await statusOf('long-enough-a-secre')).toBe(401);
    expect(await statusOf('long-enough-a-secret')).toBe(200);
  });

  test('switched off: nobody, and everything else works', async () => {
    expect((await fetchMetrics(without.url)).status).toBe(404);
    const host = await without.signUp({ role: 'HOST' });
    const eventId = await createEvent(host);
    const feed = await host.follow(eventId);
    await host.post(send, { input: { eventId, text: 'uncounted' } });
    expect(await feed.next()).toMatchObject({ __typename: 'MessageSent' });
    await feed.close();
  });
});
