import { afterEach, describe, expect, test } from 'vitest';
import { socketLimits } from '../../src/server/socket-manners.ts';
import { type Actor, createEvent, signUp } from '../actor.ts';
import { EventStream } from '../faults/event-stream.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { RawSocket } from './raw-socket.ts';

const server = useServer();
const small = useServer({ config: { socketsPerAddress: 3 } });

const open: EventStream[] = [];
afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});

/** Opens a stream, whose first item comes at once. Resolves to the code of what was refused; null: it is live. */
async function follow(url: string, eventId: string, viewer: Actor | null = null): Promise<string | null> {
  const document = 'subscription($eventId: ID!) { videoEventPulse(eventId: $eventId) { __typename } }';
  const stream = new EventStream(url, viewer?.signedIn.accessToken ?? null, document, { eventId });
  open.push(stream);
  await stream.has(1);
  return stream.results[0]?.errors?.[0]?.extensions?.code ?? null;
}

describe('Streams of server-sent events', () => {
  test('a user has as many as a socket has operations, and one more when another is over; others have their own', async () => {
    const { url } = server;
    const eventId = await createEvent(await signUp(url, { role: 'HOST' }), 'LIVE');
    const [busy, calm] = [await signUp(url), await signUp(url)];
    for (let n = 0; n < socketLimits.operations; n++) expect(await follow(url, eventId, busy)).toBeNull();
    expect(await follow(url, eventId, busy)).toBe('RATE_LIMITED');
    expect(await follow(url, eventId, calm)).toBeNull();
    expect(await follow(url, eventId)).toBeNull();
    open[0]?.close();
    await until(async () => (await follow(url, eventId, busy)) === null, { what: 'a place to be free' });
  });

  test('share what one address may have with its sockets', async () => {
    const { url } = small;
    const eventId = await createEvent(await signUp(url, { role: 'HOST' }), 'LIVE');
    const socket = await RawSocket.connect(url);
    for (const expected of [null, null, 'RATE_LIMITED']) expect(await follow(url, eventId)).toBe(expected);
    socket.close();
    await until(async () => (await follow(url, eventId)) === null, { what: 'a place to be free' });
  });
});
