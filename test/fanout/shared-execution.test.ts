import { beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { messageSent } from '../../src/chat/entries.ts';
import { feeds } from '../../src/feed/entry.ts';
import { createWrite } from '../../src/feed/unit-of-work.ts';
import { decodeGlobalId } from '../../src/global-id.ts';
import { newId } from '../../src/ids.ts';
import { type Actor, createEvent } from '../actor.ts';
import { EventStream } from '../faults/event-stream.ts';
import { useServer } from '../harness.ts';
import { LiveStream } from '../live-stream.ts';
import { until } from '../wait.ts';

const server = useServer();
let host: Actor;
let eventId: string;
/** Followers of feeds that are the server's own. */
let own: number;
beforeEach(async () => {
  await until(() => server.app.fanOut?.stats.operations === 0, { what: 'the end of what went before' });
  own = server.app.hub.stats.subscribers;
  host = await server.signUp({ role: 'HOST' });
  eventId = await createEvent(host);
});

const document = `subscription($eventId: ID!, $after: String) { videoEventFeed(eventId: $eventId, after: $after) {
  __typename ... on FeedItem { cursor sequence } ... on MessageSent { message { id text author { username } } } } }`;

const executions = (): number => server.app.fanOut?.stats.executions ?? 0;
const followers = (): number => server.app.hub.stats.subscribers;

const feedCursor = async (): Promise<string> =>
  (await host.ask('query($id: ID!) { videoEvent(id: $id) { feedCursor } }', { id: eventId })).videoEvent.feedCursor;

/** States so many messages together, each in a text of this length. */
async function flood(count: number, length = 20): Promise<void> {
  const { db, hub } = server.app;
  const { id } = decodeGlobalId(eventId);
  const actor = { userId: newId(), username: 'flood', displayName: 'Flood', avatarUrl: null };
  const fact = () => ({
    messageId: newId(),
    eventId: id,
    text: 'x'.repeat(length),
    removedBy: null,
    actor,
    replyToId: null,
  });
  const drafts = Array.from({ length: count }, () => messageSent.draft(fact()));
  await createWrite({ db, publish: hub.publish })(async ({ append }) => append(feeds.event(id), drafts));
}

const sequences = (items: readonly { sequence: number }[]): number[] => items.map(({ sequence }) => sequence);
const following = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, place) => first + place);

test('an entry is executed once for a hundred subscribers, over WebSocket and SSE', async () => {
  const after = await feedCursor();
  const sockets = Array.from({ length: 80 }, () => LiveStream.open(server.url, null, document, { after, eventId }));
  const streams = Array.from({ length: 20 }, () => new EventStream(server.url, null, document, { eventId, after }));
  await until(() => followers() >= own + 100, { what: 'a hundred followers' });
  const before = executions();
  await flood(7);
  await Promise.all([...sockets.map((socket) => socket.has(7)), ...streams.map((stream) => stream.has(7))]);
  expect(executions() - before).toBe(7);
  expect(server.app.fanOut?.stats.operations).toBe(1);
  for (const { results } of [...sockets, ...streams]) expect(results).toEqual(sockets[0]?.results);
  await Promise.all([...sockets.map((socket) => socket.close()), ...streams.map((stream) => stream.close())]);
  await until(() => server.app.fanOut?.stats.operations === 0, { what: 'the end of the operation' });
});

test('other variables make another operation, another place to continue behind does not', async () => {
  const after = await feedCursor();
  await flood(1);
  const kinds = `subscription($eventId: ID!, $after: String, $kinds: [VideoEventFeedKind!]) {
    videoEventFeed(eventId: $eventId, after: $after, kinds: $kinds) { __typename ... on FeedItem { sequence } } }`;
  const open = (variables: object) => LiveStream.open(server.url, null, kinds, { eventId, ...variables });
  const streams = [
    open({ after, kinds: ['MessageSent'] }),
    open({ after: await feedCursor(), kinds: ['MessageSent'] }),
  ];
  const everything = open({ after });
  await until(() => server.app.fanOut?.stats.operations === 2, { what: 'two operations' });
  await until(() => followers() >= own + 3, { what: 'three followers' });
  await flood(1);
  await Promise.all([streams[0]?.has(2), streams[1]?.has(1), everything.has(2)]);
  await Promise.all([...streams, everything].map((stream) => stream.close()));
});

test('a burst reaches everybody in order, far more than a write takes', async () => {
  const after = await feedCursor();
  const sockets = Array.from({ length: 5 }, () => LiveStream.open(server.url, null, document, { eventId, after }));
  const stream = new EventStream(server.url, null, document, { eventId, after });
  await until(() => followers() >= own + 6, { what: 'the followers' });
  for (let commits = 0; commits < 20; commits++) await flood(100);
  for (const socket of sockets) {
    const items = await socket.has(2000);
    expect(sequences(items)).toEqual(following(items[0].sequence, 2000));
  }
  await stream.has(2000);
  expect(sequences(stream.results.map(({ data }) => data.videoEventFeed))).toEqual(sequences(sockets[0]?.items ?? []));
  await Promise.all(sockets.map((socket) => socket.close()));
  stream.close();
});

test('who comes back one after the other to a long past reads it together', async () => {
  const after = await feedCursor();
  for (let commits = 0; commits < 15; commits++) await flood(100);
  const before = executions();
  const sockets = Array.from({ length: 100 }, () => LiveStream.open(server.url, null, document, { eventId, after }));
  for (const socket of sockets) {
    const items = await socket.has(1500, 30_000);
    expect(sequences(items)).toEqual(following(items[0].sequence, 1500));
  }
  // Each for themselves would be a hundred times 1,500.
  expect(executions() - before).toBeLessThan(30 * 1500);
  await Promise.all(sockets.map((socket) => socket.close()));
});

test('a member that stops reading holds up nobody, costs no more than its socket, and goes on without a loss', async () => {
  const after = await feedCursor();
  const stuck = await RawSubscriber.open(server.url, { eventId, after });
  const other = LiveStream.open(server.url, null, document, { eventId, after });
  await until(() => followers() >= own + 2, { what: 'the followers' });
  stuck.socket.pause();
  // More than the tail, the kernel and a write hold together.
  for (let commits = 0; commits < 30; commits++) await flood(100, 4000);
  await other.has(3000, 30_000);
  expect(stuck.sequences.length).toBeLessThan(3000);
  stuck.socket.resume();
  await until(() => stuck.sequences.length >= 3000, { what: 'the rest', limitMs: 30_000 });
  expect(stuck.sequences).toEqual(sequences(other.items));
  stuck.socket.terminate();
  await other.close();
});

test('who leaves in the middle, politely or not, takes nothing from the others', async () => {
  const after = await feedCursor();
  const leaving = await Promise.all(following(0, 20).map(() => RawSubscriber.open(server.url, { eventId, after })));
  const staying = Array.from({ length: 5 }, () => LiveStream.open(server.url, null, document, { eventId, after }));
  await until(() => followers() >= own + 25, { what: 'the followers' });
  for (let commits = 0; commits < 20; commits++) {
    const [polite, abrupt] = leaving.splice(0, 2);
    polite?.complete();
    const flooding = flood(50);
    abrupt?.socket.terminate();
    await flooding;
  }
  for (const stream of staying) {
    const items = await stream.has(1000);
    expect(sequences(items)).toEqual(following(items[0].sequence, 1000));
  }
  await until(() => followers() <= own + 6, { what: 'those who left to be gone' });
  await Promise.all(staying.map((stream) => stream.close()));
  await until(() => server.app.fanOut?.stats.operations === 0, { what: 'nothing left' });
});

test('operations on one socket are told apart by their ids', async () => {
  const after = await feedCursor();
  const socket = await RawSubscriber.open(server.url, { eventId, after });
  socket.subscribe('another "id"', { eventId, after });
  await until(() => followers() >= own + 2, { what: 'both operations' });
  await flood(3);
  await until(() => socket.messages.filter(({ type }) => type === 'next').length === 6, { what: 'six items' });
  socket.complete();
  await until(() => followers() <= own + 2, { what: 'one operation' });
  await flood(2);
  await until(() => socket.messages.filter(({ id }) => id === 'another "id"').length === 5, { what: 'five items' });
  expect(socket.messages.filter(({ id }) => id === '1').length).toBe(3);
  socket.socket.terminate();
});

test('the reason for which the server ends an operation is its last item, over WebSocket and SSE', async () => {
  const after = await feedCursor();
  const socket = LiveStream.open(server.url, null, document, { eventId, after });
  const stream = new EventStream(server.url, null, document, { eventId, after });
  await flood(1);
  await Promise.all([socket.has(1), stream.has(1)]);
  await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
  await until(() => socket.over && stream.over, { what: 'the end of both' });
  expect(stream.completed).toBe(true);
  for (const { results } of [socket, stream]) {
    expect(results.at(-1)).toMatchObject({ data: null, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  }
  await socket.close();
});

interface Message {
  id?: string;
  type: string;
  payload?: { data?: { videoEventFeed: { sequence: number } } };
}

/** A subscriber whose socket the test has in its hands. */
class RawSubscriber {
  readonly messages: Message[] = [];
  readonly socket: WebSocket;

  static async open(url: string, variables: object): Promise<RawSubscriber> {
    const subscriber = new RawSubscriber(new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws'));
    await until(() => subscriber.messages.some(({ type }) => type === 'connection_ack'), { what: 'a connection' });
    subscriber.subscribe('1', variables);
    return subscriber;
  }

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('message', (data) => this.messages.push(JSON.parse(String(data))));
    socket.once('open', () => socket.send('{"type":"connection_init"}'));
  }

  get sequences(): number[] {
    return this.messages.flatMap(({ payload }) => payload?.data?.videoEventFeed.sequence ?? []);
  }

  subscribe(id: string, variables: object): void {
    this.socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query: document, variables } }));
  }

  complete(): void {
    this.socket.send('{"id":"1","type":"complete"}');
  }
}
