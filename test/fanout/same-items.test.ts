import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { messageSent } from '../../src/chat/entries.ts';
import { readConfig } from '../../src/config.ts';
import { feeds } from '../../src/feed/entry.ts';
import { createWrite } from '../../src/feed/unit-of-work.ts';
import { decodeGlobalId } from '../../src/global-id.ts';
import { newId } from '../../src/ids.ts';
import { type Actor, createEvent, join as joinEvent } from '../actor.ts';
import { EventStream } from '../faults/event-stream.ts';
import { testLog, useServer } from '../harness.ts';
import { LiveStream } from '../live-stream.ts';
import { until } from '../wait.ts';

const dataDir = await mkdtemp(join(tmpdir(), 'ovation-fanout-'));
const shared = useServer({ config: { dataDir } });
/** Another instance on the same database, which executes every subscription for itself. */
let unshared: App;
beforeAll(async () => {
  const { databaseUrl } = shared;
  const env = { NODE_ENV: 'test', PORT: '0', DATABASE_URL: databaseUrl, RATE_LIMITS: 'false', DATA_DIR: dataDir };
  unshared = await createApp({ config: readConfig(env), databaseUrl, log: testLog, sharedFanOut: false });
});
afterAll(async () => {
  await unshared?.drain(2000);
  await rm(dataDir, { recursive: true });
});

const documents = {
  chat: `subscription($eventId: ID!, $after: String) { videoEventFeed(eventId: $eventId, after: $after) {
    __typename ... on FeedItem { cursor sequence occurredAt streamOffset }
    ... on MessageSent { message { id text author { userId username displayName avatarUrl } replyToId sequence sentAt } }
    ... on MessageRemoved { messageId removedBy } ... on FeedReset { reason } } }`,
  places: `subscription Places($eventId: ID!, $from: String) {
    item: videoEventFeed(after: $from, eventId: $eventId) { ...Place ... on VideoEventUpdated { event { title scheduledAt } } } }
    fragment Place on FeedItem { kind: __typename place: sequence cursor }`,
  some: `subscription($eventId: ID!, $after: String, $names: Boolean = false) {
    videoEventFeed(eventId: $eventId, after: $after, kinds: [MessageSent, UserInvited]) { __typename
    ... on MessageSent { message { text author { displayName @include(if: $names) userId } } } ... on UserInvited { user { username } } } }`,
} as const;

/** A fault's id is made up for each fault. */
const comparable = (results: readonly unknown[]): unknown =>
  JSON.parse(JSON.stringify(results).replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'some-id'));

interface Subscription {
  what: string;
  results: readonly unknown[];
  close(): unknown;
}

/** One of each: transport, document, audience, and the place to continue behind. */
function subscribeAll(url: string, people: Record<string, Actor>, eventId: string, places: Record<string, string>) {
  const all: Subscription[] = [];
  for (const [who, { session }] of Object.entries(people)) {
    const token = session?.accessToken ?? null;
    for (const [name, document] of Object.entries(documents)) {
      for (const [place, after] of Object.entries(places)) {
        const variables = { eventId, after, from: after, ...(name === 'some' ? { names: who === 'host' } : {}) };
        const { from: _from, ...withAfter } = variables;
        const { after: _after, ...withFrom } = variables;
        const given = name === 'places' ? withFrom : withAfter;
        const what = `${who}, ${name}, ${place}`;
        const socket = LiveStream.open(url, token, document, given);
        all.push({ what: `${what}, WebSocket`, results: socket.results, close: () => socket.close() });
        const events = new EventStream(url, token, document, given);
        all.push({ what: `${what}, SSE`, results: events.results, close: () => events.close() });
      }
    }
  }
  return all;
}

test('shared or not, everybody gets the same items', async () => {
  const host = await shared.signUp({ role: 'HOST' });
  const moderator = await shared.signUp();
  const ada = await shared.signUp();
  const eventId = await createEvent(host);
  for (const actor of [host, moderator, ada]) await joinEvent(actor, eventId);
  await host.mutate('appointModerator', { eventId, userId: moderator.id });
  const cursor = async (): Promise<string> =>
    (await host.ask('query($id: ID!) { videoEvent(id: $id) { feedCursor } }', { id: eventId })).videoEvent.feedCursor;
  const say = async (text: string): Promise<string> =>
    (await ada.mutate('sendMessage', { eventId, text }, 'sentMessage { id }')).sentMessage.id;

  const start = await cursor();
  const regretted = await say('what is taken back');
  await say('ünïcode, "quotes" and 🎉');
  const middle = await cursor();
  const people = { host, moderator, ada, guest: shared.guest };
  const places = { start, middle, nowhere: 'no cursor at all' };
  const subscriptions = [shared.url, unshared.url].map((url) => subscribeAll(url, people, eventId, places));
  const [mine = [], theirs = []] = subscriptions;
  // A reset comes at once and says where the feed stood: before anything else happens, everybody is to have got it.
  const first = (list: Subscription[]) =>
    list.every(({ what, results }) => !what.includes('nowhere') || results.length > 0);
  await until(() => first(mine) && first(theirs), { what: 'the resets' });

  await say('live');
  await host.mutate('deleteMessage', { messageId: regretted });
  await host.mutate('inviteToVideoEvent', { eventId, userIds: [ada.id] });
  await host.mutate('updateVideoEvent', { eventId, title: 'Another title' });
  await poison(eventId);
  await say('the end');
  const ended = ({ results, what }: Subscription) =>
    JSON.stringify(results.at(-1) ?? '').includes('the end') ||
    // The document that does not ask for texts ends with an item of the same place.
    (what.includes('places') && JSON.stringify(results.at(-1) ?? '').includes(`"place":${last}`));
  const last = await place(eventId);
  await until(() => mine.every(ended), { what: 'all, shared' });
  await until(() => theirs.every(ended), { what: 'all, not shared' });

  expect(mine.length).toBe(4 * 3 * 3 * 2);
  for (const [index, { what, results }] of mine.entries()) {
    expect({ what, results: comparable(results) }).toEqual({ what, results: comparable(theirs[index]?.results ?? []) });
  }
  const poisoned = mine.filter(({ results }) => JSON.stringify(results).includes('INTERNAL'));
  expect(new Set(poisoned.map(({ what }) => what.split(', ')[1]))).toEqual(new Set(['chat', 'some']));
  await Promise.all([...mine, ...theirs].map(({ close }) => close()));
}, 90_000);

/** A fact that is not what its kind promises: whoever asks for the author meets a fault. */
async function poison(eventId: string): Promise<void> {
  const { db, hub } = shared.app;
  const { id } = decodeGlobalId(eventId);
  const draft = messageSent.draft({
    messageId: newId(),
    eventId: id,
    text: 'nobody said this',
    removedBy: null,
    replyToId: null,
    actor: { userId: newId(), username: 'nobody', displayName: 'Nobody', avatarUrl: null },
  });
  const { actor: _actor, ...payload } = draft.payload;
  const write = createWrite({ db, publish: hub.publish });
  await write(async ({ append }) => append(feeds.event(id), { ...draft, payload }));
}

async function place(eventId: string): Promise<number> {
  const { id } = decodeGlobalId(eventId);
  return Number((await shared.app.db.feed.findUniqueOrThrow({ where: { name: feeds.event(id) } })).top);
}
