import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeCursor } from '../../src/feed/cursor.ts';
import { decodeGlobalId } from '../../src/global-id.ts';
import { type Actor, createEvent, join, testPassword } from '../actor.ts';
import { EventStream } from '../faults/event-stream.ts';
import { cursorOf } from '../faults/stage.ts';
import { useServer } from '../harness.ts';
import type { LiveStream } from '../live-stream.ts';
import { until } from '../wait.ts';
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

/** Whoever hears of what these are about only later hears it without its text. */
const takingBack: ReadonlySet<string> = new Set([
  'deleteMessage',
  'withdrawQuestion',
  'dismissQuestion',
  'deleteAccount',
]);

/** Resolves when all have what was last said to everybody. */
async function everybodyHeard(): Promise<void> {
  const last = await server.app.db.feedEntry.findFirstOrThrow({
    where: { feed: `event:${decodeGlobalId(eventId).id}`, audience: 'everyone' },
    orderBy: { sequence: 'desc' },
  });
  const sequence = Number(last.sequence);
  const items = (): (Item | undefined)[][] => [
    ...[...sockets.values()].map((socket) => socket.items),
    ...[...streams.values()].map(({ results }) => results.map(({ data }) => data.videoEventFeed)),
  ];
  const heard = () => items().every((heard) => heard.some((item) => item?.sequence === sequence));
  await until(heard, { what: `everybody to hear of ${last.kind}` });
}

/** Everything that can happen in an event. */
async function act(): Promise<void> {
  const { host, moderator, bob, carol, dora } = people;
  const done = async (person: Person, mutation: string, input: object, selection?: string) => {
    if (takingBack.has(mutation)) await everybodyHeard();
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
  await askOpenly(people, done);
  await done(host, 'appointModerator', { eventId, userId: carol.actor.id });
  await done(host, 'dismissModerator', { eventId, userId: carol.actor.id });
  await done(host, 'inviteToVideoEvent', { eventId, userIds: [dora.actor.id] });
  await done(host, 'uninviteFromVideoEvent', { eventId, userIds: [dora.actor.id] });
  await done(moderator, 'timeOutUser', { eventId, userId: dora.actor.id, seconds: 3600, reason: 'too loud' });
  await done(moderator, 'liftSanction', { eventId, userId: dora.actor.id });
  await done(moderator, 'updateChatSettings', { eventId, unique: true, blockedWords: ['unspeakable'] });
  await done(carol, 'reportMessage', { messageId: answer, reason: 'off topic' });
  await done(moderator, 'resolveReports', { messageId: answer, resolution: 'DISMISSED', reason: 'it is not' });
  await done(carol, 'leaveVideoEvent', { eventId });
  await done(host, 'updateVideoEvent', { eventId, title: 'Another show', questionsPreModerated: true });
  const { question } = await done(bob, 'askQuestion', { eventId, text: 'May I?' }, 'question { id }');
  await done(moderator, 'approveQuestion', { questionId: question.id });
  for (const move of ['start', 'interrupt', 'resume']) await done(host, `${move}VideoEvent`, { eventId });
  await done(carol, 'joinVideoEvent', { eventId });
  await say(carol, 'Farewell');
  await done(carol, 'deleteAccount', { password: testPassword });
  const asked = { eventId, title: 'Which song?', choices: ['Blue', 'Green'] };
  const { poll } = await done(moderator, 'createPoll', asked, 'poll { id choices { id } }');
  await done(moderator, 'openPoll', { pollId: poll.id });
  await done(bob, 'vote', { pollId: poll.id, choiceIds: [poll.choices[1].id] });
  await done(host, 'closePoll', { pollId: poll.id });
  await done(moderator, 'archivePoll', { pollId: poll.id });
  await buy(people, done);
  await predict(people, done);
  await aim(people, done);
  await done(bob, 'react', { eventId, emoji: '👏', count: 3 });
  await done(host, 'endVideoEvent', { eventId });
}

type Done = (person: Person, mutation: string, input: object, selection?: string) => ReturnType<Actor['mutate']>;

/** Points themselves are told to their owner alone. */
async function buy({ host, bob }: typeof people, done: Done): Promise<void> {
  await done(host, 'grantReward', { eventId, userId: bob.actor.id, points: 20, reason: 'well done' });
  const { perk } = await done(host, 'createPerk', { title: 'A song', cost: 10 }, 'perk { id }');
  for (const settle of ['fulfilRedemption', 'cancelRedemption']) {
    const input = { eventId, perkId: perk.id, note: 'Please' };
    const { redemption } = await done(bob, 'redeemPerk', input, 'redemption { id }');
    await done(host, settle, { redemptionId: redemption.id });
  }
}

/** One that is reached, which the server notices by itself, and one that is called off. */
async function aim({ host, bob }: typeof people, done: Done): Promise<void> {
  const about = { eventId, title: 'To talk', metric: 'MESSAGES', levels: [{ target: 1, points: 0 }] };
  const { goal } = await done(host, 'createGoal', about, 'goal { id }');
  await done(bob, 'sendMessage', { eventId, text: 'Good night' });
  const { id } = decodeGlobalId(goal.id);
  const isReached = async () => (await server.app.db.goal.findUnique({ where: { id } }))?.status === 'REACHED';
  await until(isReached, { what: 'the goal to be reached' });
  const second = await done(host, 'createGoal', about, 'goal { id }');
  await done(host, 'cancelGoal', { goalId: second.goal.id });
}

/** What somebody wins, too, is told to them alone. */
async function predict({ host, moderator, bob }: typeof people, done: Done): Promise<void> {
  const about = { eventId, title: 'Who wins?', outcomes: ['Red', 'Green'] };
  const { prediction } = await done(moderator, 'createPrediction', about, 'prediction { id outcomes { id } }');
  const green = { predictionId: prediction.id, outcomeId: prediction.outcomes[1].id };
  await done(bob, 'stakePoints', { ...green, points: 5 });
  await done(moderator, 'lockPrediction', { predictionId: prediction.id });
  await done(host, 'resolvePrediction', green);
  const other = await done(moderator, 'createPrediction', about, 'prediction { id }');
  await done(host, 'cancelPrediction', { predictionId: other.prediction.id });
}

/** What becomes of questions that wait for nobody's approval. */
async function askOpenly({ host, moderator, bob, carol }: typeof people, done: Done): Promise<void> {
  const ask = async (person: Person, text: string, more: object = {}): Promise<string> =>
    (await done(person, 'askQuestion', { eventId, text, ...more }, 'question { id }')).question.id;
  const why = await ask(bob, 'Why?');
  const hidden = await ask(carol, 'Who am I?', { anonymous: true });
  await done(bob, 'upvoteQuestion', { questionId: hidden });
  await done(host, 'pinQuestion', { questionId: why });
  await done(host, 'unpinQuestion', { eventId });
  await done(moderator, 'answerQuestion', { questionId: why, answer: 'Because.' });
  const regretted = await ask(carol, 'What did I say?');
  await done(carol, 'withdrawQuestion', { questionId: regretted });
  const rude = await ask(bob, 'Something rude?');
  await done(moderator, 'dismissQuestion', { questionId: rude });
}

/** What a reader is to get: all of it, or what is for everybody. */
const expectedFor = (reader: string, now: boolean): Item[] =>
  golden({ now })
    .filter(({ to }) => to === 'everybody' || (to === 'keepers' && keepers.includes(reader)))
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
