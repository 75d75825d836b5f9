import { beforeEach, describe, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { type Actor, createEvent, join, testPassword } from '../actor.ts';
import { EventStream } from '../faults/event-stream.ts';
import { useServer } from '../harness.ts';
import type { LiveStream } from '../live-stream.ts';
import { until } from '../wait.ts';
import { give, readable } from './board.ts';

const server = useServer();
let host: Actor;
let people: Actor[];
let eventId: string;
beforeEach(async () => {
  host = await server.signUp({ role: 'HOST' });
  people = await Promise.all([1, 2, 3].map(() => server.signUp()));
  eventId = await createEvent(host);
  for (const person of people) await join(person, eventId);
});

const document = `subscription($eventId: ID!, $first: Int! = 10) {
  leaderboard(eventId: $eventId, first: $first) { eventId entries { rank points user { userId } } } }`;
const follow = (actor: Actor, variables: object = {}): LiveStream =>
  actor.subscribe(document, { eventId, ...variables });
const giveTo = (place: number, points: number) => give(host, eventId, people[place] ?? host, points);
const last = (stream: LiveStream) => readable(stream.items.at(-1)?.entries ?? [], people);
const shows = (stream: LiveStream, entries: number[][]) =>
  until(() => JSON.stringify(last(stream)) === JSON.stringify(entries), { what: `${JSON.stringify(entries)}` });
const lastCode = (stream: LiveStream): unknown => stream.results.at(-1)?.errors?.[0]?.extensions?.code;

describe('the leaderboard, live,', () => {
  test('comes at once, and again when somebody earns, as many entries as each asked for', async () => {
    await giveTo(0, 5);
    const guest = follow(server.guest);
    const one = follow(server.guest, { first: 1 });
    expect(await guest.next()).toMatchObject({
      eventId,
      entries: [{ rank: 1, points: 5, user: { userId: people[0]?.id } }],
    });
    await one.next();
    await giveTo(1, 7);
    await shows(guest, [
      [1, 7, 1],
      [2, 5, 0],
    ]);
    await shows(one, [[1, 7, 1]]);
    for (const stream of [guest, one]) await stream.close();
  });

  test('comes at most once a second, and the last item holds all that was earned', async () => {
    const stream = follow(server.guest);
    await stream.next();
    const from = performance.now();
    for (let n = 0; n < 25; n++) await giveTo(n % 3, 1);
    await shows(stream, [
      [1, 9, 0],
      [2, 8, 1],
      [2, 8, 2],
    ]);
    // The first item, and one for each second that has begun since.
    expect(stream.items.length).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - from) / 1000));
    await stream.close();
  });

  test('shows by itself what no instance was told of', async () => {
    await giveTo(0, 5);
    const stream = follow(server.guest);
    await stream.next();
    await server.app.db
      .$executeRaw`UPDATE "Score" SET points = 6 WHERE "ownerId" = ${decodeGlobalId(eventId).id}::uuid`;
    await shows(stream, [[1, 6, 0]]);
    await stream.close();
  });

  test('comes over SSE, and to all who follow by one execution', async () => {
    const sse = new EventStream(server.url, null, document, { eventId });
    const streams = Array.from({ length: 20 }, () => follow(server.guest));
    await Promise.all(streams.map((stream) => stream.next()));
    await sse.has(1);
    const before = server.app.fanOut?.stats.executions ?? 0;
    await giveTo(2, 3);
    await Promise.all(streams.map((stream) => shows(stream, [[1, 3, 2]])));
    await sse.has(2);
    expect(readable(sse.results.at(-1)?.data.leaderboard.entries, people)).toEqual([[1, 3, 2]]);
    // The stream's variables are others than the sockets'.
    expect((server.app.fanOut?.stats.executions ?? 0) - before).toBeLessThanOrEqual(2);
    sse.close();
    for (const stream of streams) await stream.close();
  });

  test('is without whoever is banned, and ends for them', async () => {
    await giveTo(0, 5);
    await giveTo(1, 4);
    const guest = follow(server.guest);
    const [ada = host] = people;
    const adas = follow(ada);
    await adas.next();
    await host.mutate('banUser', { eventId, userId: ada.id });
    await adas.ended();
    expect(lastCode(adas)).toBe('SANCTIONED');
    await shows(guest, [[1, 4, 1]]);
    for (const stream of [guest, adas]) await stream.close();
  });

  test('is without whoever deletes their account', async () => {
    await giveTo(0, 5);
    await giveTo(1, 4);
    const guest = follow(server.guest);
    await guest.next();
    await people[0]?.mutate('deleteAccount', { password: testPassword });
    await shows(guest, [[1, 4, 1]]);
    await guest.close();
  });

  test('of a private event is for whoever may see it, and ends for whoever may no longer', async () => {
    const stranger = await server.signUp();
    const before = follow(stranger);
    await before.next();
    await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
    await before.ended();
    expect(lastCode(before)).toBe('FORBIDDEN');
    const after = follow(stranger);
    await after.ended();
    expect(lastCode(after)).toBe('NOT_FOUND');
    const adas = follow(people[0] ?? host);
    expect(await adas.next()).toMatchObject({ entries: [] });
    for (const stream of [before, after, adas]) await stream.close();
  });

  test('of 0 entries or more than 100 is refused', async () => {
    for (const first of [0, 101]) {
      const stream = follow(server.guest, { first });
      await stream.ended();
      expect(lastCode(stream) ?? Object(stream.error)[0]?.extensions?.code).toBe('INVALID_INPUT');
      await stream.close();
    }
  });
});
