import { beforeEach, describe, expect, test } from 'vitest';
import { type Actor, createEvent, join } from '../actor.ts';
import { EventStream } from '../faults/event-stream.ts';
import { useServer } from '../harness.ts';
import type { LiveStream } from '../live-stream.ts';
import { until } from '../wait.ts';

const server = useServer();
let host: Actor;
let ada: Actor;
let eventId: string;
beforeEach(async () => {
  host = await server.signUp({ role: 'HOST' });
  ada = await server.signUp();
  eventId = await createEvent(host);
});

const document = 'subscription($eventId: ID!) { videoEventPulse(eventId: $eventId) { eventId viewerCount } }';
const pulseFor = (actor: Actor): LiveStream => actor.subscribe(document, { eventId });
const counts = (stream: LiveStream): unknown[] => stream.items.map((item) => item?.viewerCount);
const tells = (stream: LiveStream, viewerCount: number) =>
  until(() => counts(stream).at(-1) === viewerCount, { what: `a count of ${viewerCount}` });
const lastCode = (stream: LiveStream): unknown => stream.results.at(-1)?.errors?.[0]?.extensions?.code;

describe('the pulse', () => {
  test('says at once what holds now, and again whenever it changes', async () => {
    const guests = pulseFor(server.guest);
    expect(await guests.next()).toEqual({ eventId, viewerCount: 0 });
    await join(ada, eventId);
    const adas = pulseFor(ada);
    await tells(guests, 1);
    await adas.close();
    await tells(guests, 0);
    expect(counts(guests)).toEqual([0, 1, 0]);
    await guests.close();
  });

  test('counts participants: guests, and whoever has not joined, are not', async () => {
    const streams = [pulseFor(server.guest), pulseFor(ada)];
    await join(await server.signUp(), eventId);
    const bob = await server.signUp();
    await join(bob, eventId);
    const bobs = await bob.follow(eventId);
    await Promise.all(streams.map((stream) => tells(stream, 1)));
    for (const stream of [...streams, bobs]) await stream.close();
  });

  test('counts a participant with three tabs once, until the last is closed', async () => {
    await join(ada, eventId);
    const guests = pulseFor(server.guest);
    const tabs = [pulseFor(ada), await ada.follow(eventId), pulseFor(ada)];
    await tells(guests, 1);
    await tabs[0]?.close();
    await tabs[1]?.close();
    // Somebody else comes and goes meanwhile.
    const bob = await server.signUp();
    await join(bob, eventId);
    const bobs = pulseFor(bob);
    await tells(guests, 2);
    await bobs.close();
    await tells(guests, 1);
    await tabs[2]?.close();
    await tells(guests, 0);
    await guests.close();
  });

  test('counts whoever joins while they watch, and no longer whoever leaves', async () => {
    const adas = pulseFor(ada);
    await adas.next();
    await join(ada, eventId);
    await tells(adas, 1);
    await ada.mutate('leaveVideoEvent', { eventId });
    await tells(adas, 0);
    await adas.close();
  });

  test('comes over SSE too', async () => {
    await join(ada, eventId);
    const stream = new EventStream(server.url, ada.signedIn.accessToken, document, { eventId });
    await until(() => stream.results.at(-1)?.data?.videoEventPulse.viewerCount === 1, { what: 'their own presence' });
    stream.close();
  });

  test('is executed once for all who follow', async () => {
    await join(ada, eventId);
    const streams = Array.from({ length: 40 }, () => pulseFor(server.guest));
    await Promise.all(streams.map((stream) => stream.next()));
    const before = server.app.fanOut?.stats.executions ?? 0;
    const adas = await ada.follow(eventId);
    await Promise.all(streams.map((stream) => tells(stream, 1)));
    expect((server.app.fanOut?.stats.executions ?? 0) - before).toBe(1);
    for (const stream of [...streams, adas]) await stream.close();
    await until(() => server.app.fanOut?.stats.operations === 0, { what: 'the end of all' });
  });
});

describe('whoever may not watch', () => {
  test('a stranger to a private event gets NOT_FOUND, the host its pulse', async () => {
    const hidden = await createEvent(host, 'LIVE', { visibility: 'PRIVATE' });
    const stranger = ada.subscribe(document, { eventId: hidden });
    await stranger.ended();
    expect(lastCode(stranger)).toBe('NOT_FOUND');
    const hosts = host.subscribe(document, { eventId: hidden });
    expect(await hosts.next()).toMatchObject({ viewerCount: 0 });
    for (const stream of [stranger, hosts]) await stream.close();
  });

  test('a ban ends the pulse of the banned, takes them off the count, and keeps them out', async () => {
    await join(ada, eventId);
    const guests = pulseFor(server.guest);
    const adas = pulseFor(ada);
    await tells(guests, 1);
    await host.mutate('banUser', { eventId, userId: ada.id });
    await adas.ended();
    expect(lastCode(adas)).toBe('SANCTIONED');
    await tells(guests, 0);
    const again = pulseFor(ada);
    await again.ended();
    expect(lastCode(again)).toBe('SANCTIONED');
    for (const stream of [guests, adas, again]) await stream.close();
  });

  test('an id that names nothing, or something else, is NOT_FOUND or refused', async () => {
    const nothing = server.guest.subscribe(document, {
      eventId: Buffer.from('VideoEvent:01890000-0000-7000-8000-000000000000').toString('base64url'),
    });
    await nothing.ended();
    expect(lastCode(nothing)).toBe('NOT_FOUND');
    const user = server.guest.subscribe(document, { eventId: ada.id });
    await user.ended();
    expect(user.results.at(-1)?.errors?.[0]?.extensions?.code).not.toBe('INTERNAL');
    for (const stream of [nothing, user]) await stream.close();
  });
});

describe('who watches now', () => {
  const who = async (actor: Actor) =>
    (
      await actor.ask(
        'query($id: ID!) { videoEvent(id: $id) { viewerCount presentParticipants { totalCount edges { node { user { id } } } } } }',
        { id: eventId },
      )
    ).videoEvent;

  test('is told to the host and moderators by name, and to others by number', async () => {
    const moderator = await server.signUp();
    await host.mutate('appointModerator', { eventId, userId: moderator.id });
    await join(ada, eventId);
    await join(await server.signUp(), eventId);
    const adas = await ada.follow(eventId);
    await until(async () => (await who(host)).viewerCount === 1, { what: 'a viewer' });
    const named = {
      viewerCount: 1,
      presentParticipants: { totalCount: 1, edges: [{ node: { user: { id: ada.id } } }] },
    };
    const counted = { viewerCount: 1, presentParticipants: { totalCount: 0, edges: [] } };
    expect(await who(host)).toEqual(named);
    expect(await who(moderator)).toEqual(named);
    expect(await who(ada)).toEqual(counted);
    expect(await who(server.guest)).toEqual(counted);
    await adas.close();
  });

  test('is counted for a whole list of events in one query', async () => {
    await join(ada, eventId);
    const others = await Promise.all([1, 2, 3].map(() => createEvent(host)));
    const adas = await ada.follow(eventId);
    await until(async () => (await who(host)).viewerCount === 1, { what: 'a viewer' });
    const { videoEvents } = await host.ask(
      'query($hostId: ID) { videoEvents(filter: { hostId: $hostId }) { edges { node { id viewerCount } } } }',
      { hostId: host.id },
    );
    expect(
      new Map(
        videoEvents.edges.map(({ node }: { node: { id: string; viewerCount: number } }) => [node.id, node.viewerCount]),
      ),
    ).toEqual(new Map([[eventId, 1], ...others.map((id) => [id, 0] as const)]));
    await adas.close();
  });
});
