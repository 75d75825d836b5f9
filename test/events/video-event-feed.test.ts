import { beforeEach, describe, expect, test } from 'vitest';
import { type Actor, createEvent, join } from '../actor.ts';
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
  eventId = await createEvent(host, 'LIVE', { visibility: 'PRIVATE' });
  await host.mutate('inviteToVideoEvent', { eventId, userIds: [ada.id] });
});

const kinds = (stream: LiveStream): string[] => stream.items.flatMap((item) => item?.__typename ?? []);
const lastCode = (stream: LiveStream): unknown => stream.results.at(-1)?.errors?.[0]?.extensions?.code;

const retitle = () => host.mutate('updateVideoEvent', { eventId, title: 'Now' });

/** Follows and makes sure that it is live: something the host does has arrived. */
async function live(actor: Actor, { kinds, ring = retitle }: { kinds?: string[]; ring?: () => Promise<unknown> } = {}) {
  const stream = await actor.follow(eventId, '', { kinds });
  const before = stream.items.length;
  await until(
    async () => {
      await ring();
      return stream.items.length > before;
    },
    { what: 'the first item' },
  );
  return stream;
}

describe('an open subscription', () => {
  test('ends for whoever is uninvited, and nothing later reaches them; others stay', async () => {
    const stream = await live(ada);
    const hosts = await live(host);
    await host.mutate('uninviteFromVideoEvent', { eventId, userIds: [ada.id] });
    await stream.ended();
    expect(lastCode(stream)).toBe('FORBIDDEN');
    const seen = stream.results.length;
    await host.mutate('endVideoEvent', { eventId });
    await until(() => kinds(hosts).includes('VideoEventEnded'), { what: "the host's item" });
    expect(stream.results).toHaveLength(seen);
    await stream.close();
    await hosts.close();
  });

  test('ends although its filter leaves out the fact that changed the access', async () => {
    const ring = async () => {
      for (const move of ['interrupt', 'resume']) await host.mutate(`${move}VideoEvent`, { eventId });
    };
    const filtered = await live(ada, { kinds: ['VideoEventResumed'], ring });
    await host.mutate('uninviteFromVideoEvent', { eventId, userIds: [ada.id] });
    await filtered.ended();
    expect(lastCode(filtered)).toBe('FORBIDDEN');
    await filtered.close();
  });

  test('ends for strangers and guests when the event becomes private', async () => {
    eventId = await createEvent(host, 'LIVE');
    const stranger = await server.signUp();
    await join(ada, eventId);
    const [guests, strangers, participants] = [await live(server.guest), await live(stranger), await live(ada)];
    await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
    await Promise.all([guests.ended(), strangers.ended()]);
    expect([lastCode(guests), lastCode(strangers)]).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    await host.mutate('endVideoEvent', { eventId });
    await until(() => kinds(participants).includes('VideoEventEnded'), { what: "the participant's item" });
    await Promise.all([guests, strangers, participants].map((stream) => stream.close()));
  });

  test('tells whoever it ends for nothing of what else the event became when it turned private', async () => {
    eventId = await createEvent(host, 'LIVE');
    await join(ada, eventId);
    const selection = '... on VideoEventUpdated { event { title visibility } }';
    const [guests, participants, hosts] = [
      await server.guest.follow(eventId, selection),
      await ada.follow(eventId, selection),
      await host.follow(eventId, selection),
    ];
    // Who comes later than the event turned private is not let in at all.
    await host.mutate('interruptVideoEvent', { eventId });
    await Promise.all([guests, participants, hosts].map((stream) => stream.has(1)));
    await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE', title: 'The secret show' });
    await guests.ended();
    await host.mutate('updateVideoEvent', { eventId, title: 'The next secret' });
    const updates = (stream: LiveStream) =>
      stream.items.flatMap((item) => (item?.event === undefined ? [] : [[item.event.title, item.event.visibility]]));
    const known = [expect.not.stringContaining('secret'), 'PRIVATE'];
    const next = ['The next secret', 'PRIVATE'];
    await until(() => updates(hosts).length === 3, { what: "the host's items" });
    await until(() => updates(participants).length === 2, { what: "the participant's items" });
    // The end comes ahead of what is not read yet.
    expect([[], [known]]).toContainEqual(updates(guests));
    expect(updates(participants)).toEqual([known, next]);
    expect(updates(hosts)).toEqual([known, ['The secret show', 'PRIVATE'], next]);
    await Promise.all([guests, participants, hosts].map((stream) => stream.close()));
  });

  test('shows what is for moderators from the appointment on, until the dismissal', async () => {
    const stream = await live(ada);
    const joins = () => kinds(stream).filter((kind) => kind === 'ParticipantJoined').length;
    const people = await Promise.all(Array.from({ length: 3 }, () => server.signUp()));
    await host.mutate('inviteToVideoEvent', { eventId, userIds: people.map(({ id }) => id) });
    const [first, second, third] = people;
    if (first === undefined || second === undefined || third === undefined) throw new Error('three people');
    await join(first, eventId);
    await host.mutate('appointModerator', { eventId, userId: ada.id });
    await until(
      async () => {
        await join(second, eventId);
        await second.mutate('leaveVideoEvent', { eventId });
        return joins() > 0;
      },
      { what: 'a fact for moderators' },
    );
    await host.mutate('dismissModerator', { eventId, userId: ada.id });
    await until(() => kinds(stream).includes('ModeratorDismissed'), { what: 'the dismissal' });
    await stream.close();
  });
});

describe('videoEventFeed', () => {
  test.each(['stranger', 'guest'])('a private event has no feed for a %s', async (who) => {
    const actor = who === 'guest' ? server.guest : await server.signUp();
    const stream = actor.subscribe('subscription($id: ID!) { videoEventFeed(eventId: $id) { __typename } }', {
      id: eventId,
    });
    await stream.ended();
    expect(JSON.stringify([stream.error, stream.results])).toContain('NOT_FOUND');
    await stream.close();
  });

  test('an id that names nothing makes no feed', async () => {
    const before = await server.app.db.feed.count();
    const id = Buffer.from('VideoEvent:01900000-0000-7000-8000-000000000000').toString('base64');
    const stream = ada.subscribe('subscription($id: ID!) { videoEventFeed(eventId: $id) { __typename } }', { id });
    await stream.ended();
    await ada.ask('query($id: ID!) { videoEvent(id: $id) { feedCursor } }', { id });
    expect(await server.app.db.feed.count()).toBe(before);
    await stream.close();
  });

  test('goes on behind a cursor: who joined, for the host; not for a participant', async () => {
    const { feedCursor } = (await host.ask('query($id: ID!) { videoEvent(id: $id) { feedCursor } }', { id: eventId }))
      .videoEvent;
    await join(ada, eventId);
    await host.mutate('endVideoEvent', { eventId });
    const selection = '... on ParticipantJoined { user { userId } firstTime }';
    const hosts = await host.follow(eventId, selection, { after: feedCursor });
    expect(await hosts.next()).toMatchObject({
      __typename: 'ParticipantJoined',
      user: { userId: ada.id },
      firstTime: true,
    });
    const adas = await ada.follow(eventId, selection, { after: feedCursor });
    expect(await adas.next()).toMatchObject({ __typename: 'VideoEventEnded' });
    await hosts.close();
    await adas.close();
  });

  test('an event nobody follows any more is let go', async () => {
    const before = server.app.hub.stats.subscribers;
    const stream = await live(ada);
    await stream.close();
    await until(() => server.app.hub.stats.subscribers <= before, { what: 'the subscribers to be gone' });
  });
});

test('feedCursor comes with videoEvent and payloads, not with lists', async () => {
  const document = `query($id: ID!) { videoEvent(id: $id) { feedCursor title ...Again } videoEvents(filter: { mine: true }) {
    edges { node { feedCursor } } } } fragment Again on VideoEvent { feedCursor }`;
  const { videoEvent, videoEvents } = await host.ask(document, { id: eventId });
  expect(videoEvent.feedCursor).toEqual(expect.any(String));
  expect(videoEvents.edges[0].node.feedCursor).toBeNull();
  const { videoEvent: changed } = await host.mutate('endVideoEvent', { eventId }, 'videoEvent { feedCursor }');
  expect(changed.feedCursor).toEqual(expect.any(String));
});

test.each([
  ['in a fragment', '...Cursor'],
  ['in a fragment within another', '... @include(if: true) { ... { ...Cursor } }'],
])('feedCursor is given wherever it is asked for, %s', async (_where, selection) => {
  const of = (type: string) => `fragment Cursor on ${type} { where: feedCursor }`;
  const event = await host.ask(`query($id: ID!) { videoEvent(id: $id) { id ${selection} } } ${of('VideoEvent')}`, {
    id: eventId,
  });
  expect(event.videoEvent.where).toEqual(expect.any(String));
  const list = await host.ask(`{ videoEvents { ${selection} } } ${of('QueryVideoEventsConnection')}`);
  expect(list.videoEvents.where).toEqual(expect.any(String));
});
