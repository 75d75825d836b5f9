import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/feed/cursor.ts';
import { type Actor, createEvent, join } from '../actor.ts';
import type { Data } from '../data.ts';
import { useServer } from '../harness.ts';
import type { LiveStream } from '../live-stream.ts';
import { until } from '../wait.ts';
import { document, everything, page, replay, sequences } from './pages.ts';

const server = useServer();

describe('A recorded event replays', () => {
  let eventId: string;
  let host: Actor;
  let viewers: Record<'guest' | 'participant' | 'moderator', Actor>;
  const live = new Map<string, LiveStream>();
  const removedIds = new Set<string>();

  beforeAll(async () => {
    host = await server.signUp({ role: 'HOST' });
    const people = await Promise.all(Array.from({ length: 5 }, () => server.signUp()));
    const [participant, moderator, ada, bob, rude] = people;
    if (!participant || !moderator || !ada || !bob || !rude) throw new Error('five people signed up');
    viewers = { guest: server.guest, participant, moderator };
    eventId = await createEvent(host, 'SCHEDULED');
    await host.mutate('appointModerator', { eventId, userId: moderator.id });
    for (const [name, viewer] of Object.entries(viewers)) live.set(name, await viewer.follow(eventId, everything));
    await show({ participant, moderator, ada, bob, rude });
    for (const stream of live.values()) {
      await until(() => stream.items.at(-1)?.__typename === 'VideoEventEnded', { what: 'the end of the show' });
    }
  });
  afterAll(async () => {
    for (const stream of live.values()) await stream.close();
  });

  async function say(who: Actor, text: string): Promise<string> {
    const { sentMessage } = await who.mutate('sendMessage', { eventId, text }, 'sentMessage { id }');
    return sentMessage.id;
  }

  async function show({ participant, moderator, ada, bob, rude }: Record<string, Actor>): Promise<void> {
    if (!participant || !moderator || !ada || !bob || !rude) throw new Error('everybody is here');
    for (const person of [participant, ada, bob, rude]) await join(person, eventId);
    const early = await say(ada, 'Is it on yet?');
    await host.mutate('startVideoEvent', { eventId });
    for (let round = 0; round < 12; round++) {
      await Promise.all([ada, bob, participant].map((who) => say(who, `Round ${round}`)));
      const regretted = await say(bob, 'Not what I meant');
      await bob.mutate('deleteMessage', { messageId: regretted });
      removedIds.add(regretted);
      if (round % 4 === 0) await host.mutate('pinMessage', { messageId: await say(ada, 'To be seen') });
      if (round % 5 === 0) await host.mutate('timeOutUser', { eventId, userId: ada.id, seconds: 60 });
      if (round % 5 === 0) await host.mutate('liftSanction', { eventId, userId: ada.id });
    }
    const insult = await say(rude, 'Something rude');
    await moderator.mutate('deleteMessage', { messageId: insult });
    await ada.mutate('deleteMessage', { messageId: early });
    for (const id of [insult, early]) removedIds.add(id);
    await host.mutate('banUser', { eventId, userId: rude.id, reason: 'rude' });
    await bob.mutate('leaveVideoEvent', { eventId });
    for (const step of ['interruptVideoEvent', 'resumeVideoEvent', 'endVideoEvent'])
      await host.mutate(step, { eventId });
  }

  /** What was told live, as it is told since: removed words are gone. */
  const sinceRedacted = (items: Data[], byLater: Map<string, string>): Data[] =>
    items.map((item) => {
      const removedBy = item.__typename.startsWith('MessageSent') && byLater.get(item.message.id);
      return removedBy ? { ...item, message: { ...item.message, text: null, removedBy } } : item;
    });

  const liveItems = (name: string): Data[] => {
    const items = live.get(name)?.items ?? [];
    const removals = items.filter(({ __typename }) => __typename === 'MessageRemoved');
    return sinceRedacted(items, new Map(removals.map(({ messageId, removedBy }) => [messageId, removedBy])));
  };

  const viewer = (name: string): Actor => viewers[name as keyof typeof viewers];
  /** Where those who watched began to. */
  const start = async (): Promise<string> => {
    const [first] = live.get('moderator')?.items ?? [];
    const { epoch, feed } = decodeCursor(first.cursor) ?? { epoch: '', feed: '' };
    return encodeCursor({ feed, epoch, sequence: first.sequence - 1 });
  };

  test.each(['guest', 'participant', 'moderator'])(
    'as a %s saw it, in pages of any size, item by item',
    async (name) => {
      const seen = liveItems(name);
      const after = await start();
      for (const first of [1, 7, 100, 500]) {
        expect(await replay(viewer(name), eventId, { first, after })).toEqual(seen);
      }
      console.log(`replay for a ${name}: ${seen.length} items, ${removedIds.size} messages removed since`);
      expect(seen.length).toBeGreaterThan(60);
    },
  );

  test.each(['guest', 'participant', 'moderator'])(
    'as a %s who resumes from the beginning is told now',
    async (name) => {
      const replayed = await replay(viewer(name), eventId, { first: 50 });
      const resumed = await viewer(name).follow(eventId, everything, {
        after: encodeCursor({ ...(decodeCursor(replayed[0].cursor) ?? { feed: '', epoch: '' }), sequence: 0 }),
      });
      expect(await resumed.has(replayed.length)).toEqual(replayed);
      await resumed.close();
    },
  );

  test.each(['guest', 'moderator'])(
    'as a %s, in stretches of the recording that tile it: nothing lost, nothing twice',
    async (name) => {
      const seen = liveItems(name).filter(({ streamOffset }) => streamOffset !== null);
      const longest = Math.max(...seen.map(({ streamOffset }) => streamOffset));
      const brief = '__typename ... on FeedItem { sequence streamOffset }';
      const tiled = fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: longest + 1 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 60 }),
        async (cuts, first) => {
          const bounds = [...new Set([0, ...cuts, longest + 1])].sort((a, b) => a - b);
          const items: Data[] = [];
          for (const [index, to] of bounds.slice(1).entries()) {
            const from = bounds[index] ?? 0;
            const stretch = await replay(viewer(name), eventId, { first, from, to }, brief);
            expect(stretch.every(({ streamOffset }) => streamOffset >= from && streamOffset < to)).toBe(true);
            items.push(...stretch);
          }
          expect(sequences(items)).toEqual(sequences(seen));
        },
      );
      await fc.assert(tiled, { numRuns: 12 });
      expect(await replay(viewer(name), eventId, { from: longest + 1 })).toEqual([]);
    },
  );

  test('what was before the show comes only without a beginning', async () => {
    const before = await replay(host, eventId, { to: 0 });
    expect(before.length).toBeGreaterThan(4);
    expect(before.every(({ streamOffset }) => streamOffset === null)).toBe(true);
    const onAir = await replay(host, eventId, { from: 0 });
    expect(sequences([...before, ...onAir])).toEqual(sequences(await replay(host, eventId, {})));
  });

  test('removed messages stay removed, for the host, too', async () => {
    const messages = (await replay(host, eventId, { kinds: ['MessageSent'] })).map(({ message }) => message);
    const removed = messages.filter(({ id }) => removedIds.has(id));
    expect(removed).toHaveLength(removedIds.size);
    expect(removed.filter(({ text, removedBy }) => text !== null || removedBy === null)).toEqual([]);
    expect(messages.filter(({ text }) => text === null)).toHaveLength(removedIds.size);
  });

  test('some kinds alone, and what is for moderators to nobody else', async () => {
    const kinds = ['ParticipantJoined', 'MessagePinned'];
    const told = async (actor: Actor) =>
      (await replay(actor, eventId, { kinds, first: 2 })).map(({ __typename }) => __typename);
    const pins = Array.from({ length: 3 }, () => 'MessagePinned');
    expect(await told(host)).toEqual([...Array.from({ length: 4 }, () => 'ParticipantJoined'), ...pins]);
    expect(await told(viewers.participant)).toEqual(pins);
  });

  test('the cost of a whole page of everything is within what an operation may cost', async () => {
    expect((await page(host, eventId, { first: 500 })).pageInfo.hasNextPage).toBe(false);
    const pages = Array.from({ length: 30 }, (_, place) => `p${place}: feed(first: 500) { items { __typename } }`);
    const many = `query($id: ID!) { videoEvent(id: $id) { ${pages.join(' ')} } }`;
    expect(await host.refusal(many, { id: eventId })).toBe('LIMIT_EXCEEDED');
  });

  test('whoever is banned gets none; of a private event nobody outside knows', async () => {
    const stranger = await server.signUp();
    const secret = await createEvent(host, 'LIVE', { visibility: 'PRIVATE' });
    expect((await stranger.ask(document('__typename'), { id: secret })).videoEvent).toBeNull();
    const banned = await server.signUp();
    const open = await createEvent(host, 'LIVE');
    await host.mutate('banUser', { eventId: open, userId: banned.id });
    expect((await banned.ask(document('__typename'), { id: open })).videoEvent.feed).toBeNull();
  });
});
