import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeCursor } from '../../src/feed/cursor.ts';
import { decodeGlobalId } from '../../src/global-id.ts';
import { type Actor, createEvent, join, testPassword } from '../actor.ts';
import { EventStream } from '../faults/event-stream.ts';
import { cursorOf } from '../faults/stage.ts';
import { useServer } from '../harness.ts';
import type { LiveStream } from '../live-stream.ts';
import { everythingOf } from './everything.ts';
import { golden } from './golden.ts';
import { createPeople, type Person } from './people.ts';

type Item = Record<string, unknown>;

const server = useServer();
const document = `subscription($eventId: ID!, $after: String) {
  videoEventFeed(eventId: $eventId, after: $after) ${everythingOf('VideoEventFeedItem')} }`;
const readers = ['host', 'moderator', 'participant', 'stranger', 'guest', 'admin'] as const;
const keepers: readonly string[] = ['host', 'moderator', 'admin'];

let people: Record<'host' | 'moderator' | 'participant' | 'bob' | 'carol' | 'dora' | 'stranger' | 'admin', Person>;
let eventId: string;
let cursor: string;
const sockets = new Map<string, LiveStream>();
const streams = new Map<string, EventStream>();

const actorOf = (reader: (typeof readers)[number]): Actor => (reader === 'guest' ? server.guest : people[reader].actor);

beforeAll(async () => {
  people = await createPeople(server, {
    host: 'HOST',
    moderator: 'PARTICIPANT',
    participant: 'PARTICIPANT',
    bob: 'PARTICIPANT',
    carol: 'PARTICIPANT',
    dora: 'PARTICIPANT',
    stranger: 'PARTICIPANT',
    admin: 'ADMIN',
  });
  const host = people.host.actor;
  eventId = await createEvent(host, 'SCHEDULED', { description: 'To be seen.' });
  await join(people.participant.actor, eventId);
  await server.app.capabilities.moderation.appoint(people.host.viewer, {
    eventId: decodeGlobalId(eventId).id,
    userId: people.moderator.viewer.id,
  });
  await server.app.capabilities.participation.join(people.bob.viewer, { eventId: decodeGlobalId(eventId).id });
  cursor = await cursorOf(host, eventId);
  for (const reader of readers) {
    const actor = actorOf(reader);
    const variables = { eventId, after: cursor };
    sockets.set(reader, actor.subscribe(document, variables));
    streams.set(reader, new EventStream(server.url, actor.session?.accessToken ?? null, document, variables));
  }
  await act();
});

afterAll(async () => {
  for (const stream of streams.values()) stream.close();
  await Promise.all([...sockets.values()].map((socket) => socket.close()));
});

/** Everything that can happen in an event. */
async function act(): Promise<void> {
  const { host, moderator, bob, carol, dora } = people;
  const done = async (person: Person, mutation: string, input: object, selection?: string) => {
    const result = await person.actor.mutate(mutation, { ...input }, selection);
    if (result.code !== undefined) throw new Error(`${mutation} was refused: ${result.code}`);
    return result;
  };
  const say = async (person: Person, text: string, more: object = {}): Promise<string> =>
    (await done(person, 'sendMessage', { eventId, text, ...more }, 'sentMessage { id }')).sentMessage.id;

  await done(carol, 'joinVideoEvent', { eventId });
  const hello = await say(carol, 'Hello');
  const answer = await say(bob, 'Hello to you', { replyToId: hello });
  await done(host, 'pinMessage', { messageId: answer });
  await done(moderator, 'unpinMessage', { eventId });
  await done(moderator, 'pinMessage', { messageId: hello });
  await done(carol, 'deleteMessage', { messageId: hello });
  const rude = await say(bob, 'Something rude');
  await done(moderator, 'deleteMessage', { messageId: rude });
  await done(host, 'appointModerator', { eventId, userId: carol.actor.id });
  await done(host, 'dismissModerator', { eventId, userId: carol.actor.id });
  await done(host, 'inviteToVideoEvent', { eventId, userIds: [dora.actor.id] });
  await done(host, 'uninviteFromVideoEvent', { eventId, userIds: [dora.actor.id] });
  await done(moderator, 'timeOutUser', { eventId, userId: dora.actor.id, seconds: 3600, reason: 'too loud' });
  await done(moderator, 'liftSanction', { eventId, userId: dora.actor.id });
  await done(carol, 'leaveVideoEvent', { eventId });
  await done(host, 'updateVideoEvent', { eventId, title: 'Another show' });
  for (const move of ['start', 'interrupt', 'resume']) await done(host, `${move}VideoEvent`, { eventId });
  await done(carol, 'joinVideoEvent', { eventId });
  await say(carol, 'Farewell');
  await done(carol, 'deleteAccount', { password: testPassword });
  await done(host, 'endVideoEvent', { eventId });
}

/** What a reader is to get: all of it, or what is for everybody. */
const expectedFor = (reader: string, now: boolean): Item[] =>
  golden({ now })
    .filter(({ to }) => to === 'everybody' || keepers.includes(reader))
    .map(({ item }) => item);

/** Names of objects by their ids, in the order in which the host hears of them. */
const names = new Map<string, string>();
function nameOf(id: string): string {
  const known = names.get(id);
  if (known !== undefined) return known;
  const { typename, id: raw } = decodeGlobalId(id);
  const [person] = Object.entries(people).find(([, { viewer }]) => viewer.id === raw) ?? [];
  const place = [...names.values()].filter((name) => name.startsWith(`${typename} `)).length + 1;
  const name = `${typename} ${person ?? place}`;
  names.set(id, name);
  return name;
}

/** A value as golden items have it. */
function readable(value: unknown, field = ''): unknown {
  if (Array.isArray(value)) return value.map((entry) => readable(entry));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, readable(entry, key)]));
  }
  if (field === 'streamOffset' && typeof value === 'number') return 'offset';
  if (typeof value !== 'string') return value;
  if (field.endsWith('At') || field === 'until') return Number.isNaN(Date.parse(value)) ? value : 'time';
  if (field === 'id' || field.endsWith('Id')) return nameOf(value);
  const [person] = Object.entries(people).find(([, { actor }]) => actor.signedIn.username === value) ?? [];
  return person ?? value;
}

/** Each item as golden items have it; its cursor names its own place and nothing else. */
const normalised = (items: readonly Item[]): unknown[] =>
  items.map(({ cursor, ...item }) => {
    const place = decodeCursor(String(cursor));
    expect(place).toMatchObject({ feed: `event:${decodeGlobalId(eventId).id}`, sequence: item.sequence });
    return readable(item);
  });

describe.each(readers)('a %s', (reader) => {
  test('hears what happens as it is theirs to hear, over WebSocket and SSE', async () => {
    const expected = expectedFor(reader, true);
    normalised(await (sockets.get('host') as LiveStream).has(expectedFor('host', true).length));
    const heard = await (sockets.get(reader) as LiveStream).has(expected.length);
    expect(normalised(heard)).toEqual(expected);
    const stream = streams.get(reader) as EventStream;
    await stream.has(expected.length);
    expect(stream.results.map(({ data }) => data.videoEventFeed)).toEqual(heard);
  });

  test('who reads all of it afterwards finds nothing that was taken back', async () => {
    const expected = expectedFor(reader, false);
    normalised(await (sockets.get('host') as LiveStream).has(expectedFor('host', true).length));
    const socket = actorOf(reader).subscribe(document, { eventId, after: cursor });
    expect(normalised(await socket.has(expected.length))).toEqual(expected);
    await socket.close();
  });
});

test('every fact of an event that its feed can carry is in the script, or has a reason not to be', () => {
  const told = new Set(golden({ now: true }).map(({ item }) => item.__typename));
  // Of other beginnings and ends than this event has.
  for (const other of ['VideoEventScheduled', 'VideoEventCancelled', 'VideoEventDeleted', 'FeedReset']) told.add(other);
  const carried = [...everythingOf('VideoEventFeedItem').matchAll(/\.\.\. on (\w+)/g)].map(([, name]) => name);
  expect([...told].sort()).toEqual(carried.sort());
});
