import { beforeEach, describe, expect, test } from 'vitest';
import { type Actor, createEvent, join } from '../actor.ts';
import { rowsOf } from '../authorisation/rows.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { loggedIn, talliesIn } from './tallies.ts';

const server = useServer();
let host: Actor;
let ada: Actor;
let eventId: string;
beforeEach(async () => {
  host = await server.signUp({ role: 'HOST' });
  ada = await server.signUp();
  eventId = await createEvent(host);
  await join(ada, eventId);
});

const react = (actor: Actor, input: object = {}) =>
  actor.mutate('react', { eventId, emoji: '👏', ...input }, 'eventId emoji count');
const read = async (actor: Actor) =>
  (await actor.ask('query($id: ID!) { videoEvent(id: $id) { reactions { emoji total } } }', { id: eventId })).videoEvent
    .reactions;

describe('react', () => {
  test('every tap is counted, with its emoji, and logged as an engagement of its participant', async () => {
    expect(await react(ada)).toEqual({ __typename: 'ReactPayload', eventId, emoji: '👏', count: 1 });
    await react(ada, { count: 10 });
    await react(ada, { emoji: '🔥', count: 3 });
    expect(await talliesIn(server.app.db, eventId)).toEqual({ '👏': 11, '🔥': 3 });
    const logged = await server.app.db.engagementLog.findMany({
      where: { engagementType: 'REACTION', participant: { user: { username: ada.signedIn.username } } },
      orderBy: { engagementTime: 'asc' },
    });
    expect(logged.map(({ emoji, count }) => [emoji, count])).toEqual([
      ['👏', 1],
      ['👏', 10],
      ['🔥', 3],
    ]);
    const tallies = [
      { emoji: '👏', total: 11 },
      { emoji: '🔥', total: 3 },
    ];
    expect((await read(server.guest)).toSorted(byEmoji)).toEqual(tallies.toSorted(byEmoji));
  });

  test('a heart without the request for its picture, as some keyboards send it, is the allowed one', async () => {
    expect(await react(ada, { emoji: '\u2764' })).toMatchObject({ emoji: '\u2764\uFE0F' });
    expect(await talliesIn(server.app.db, eventId)).toEqual({ '\u2764\uFE0F': 1 });
  });

  test('of a burst none is lost: 300 at once from 10 people', async () => {
    const people = await Promise.all(Array.from({ length: 10 }, () => server.signUp()));
    await Promise.all(people.map((person) => join(person, eventId)));
    const before = await transactions();
    await Promise.all(
      Array.from({ length: 300 }, (_, n) =>
        react(people[n % people.length] ?? ada, { emoji: ['👏', '🔥', '😂'][n % 3], count: 1 + (n % 10) }),
      ),
    );
    // 30 times 1 to 10.
    const tallies = await talliesIn(server.app.db, eventId);
    expect(Object.values(tallies).reduce((sum, total) => sum + total, 0)).toBe(30 * 55);
    expect(await loggedIn(server.app.db, eventId)).toEqual(tallies);
    console.log(`300 reactions at once: ${(await transactions()) - before} transactions that counted`);
  });

  test.each(['DRAFT', 'SCHEDULED', 'ENDED', 'CANCELLED'] as const)('an event that is %s takes none', async (status) => {
    const other = await createEvent(host, status);
    expect(await react(host, { eventId: other })).toMatchObject({ __typename: 'EventNotOpenError' });
    expect(await talliesIn(server.app.db, other)).toEqual({});
  });

  test.each(['LIVE', 'INTERRUPTED'] as const)(
    'the host of an event that is %s reacts, and takes no seat',
    async (status) => {
      const other = await createEvent(host, status, { capacity: 1 });
      expect(await react(host, { eventId: other })).toMatchObject({ __typename: 'ReactPayload' });
      const { videoEvent } = await host.ask('query($id: ID!) { videoEvent(id: $id) { participantCount } }', {
        id: other,
      });
      expect(videoEvent.participantCount).toBe(0);
    },
  );

  test('a stranger, who has left, the timed out and the banned are refused, and nothing is written', async () => {
    const [stranger, gone, loud, banned] = await Promise.all([1, 2, 3, 4].map(() => server.signUp()));
    if (!stranger || !gone || !loud || !banned) throw new Error('four people');
    for (const person of [gone, loud, banned]) await join(person, eventId);
    await gone.mutate('leaveVideoEvent', { eventId });
    await host.mutate('timeOutUser', { eventId, userId: loud.id, seconds: 60 });
    await host.mutate('banUser', { eventId, userId: banned.id });
    const before = await rowsOf(server);
    expect(await react(stranger)).toMatchObject({ code: 'NOT_PARTICIPANT' });
    expect(await react(gone)).toMatchObject({ code: 'NOT_PARTICIPANT' });
    expect(await react(loud)).toMatchObject({ code: 'SANCTIONED' });
    expect(await react(banned)).toMatchObject({ code: 'SANCTIONED' });
    expect(await rowsOf(server)).toEqual(before);
  });

  test('a private event is not found by whoever may not see it, nor one that there is not', async () => {
    const hidden = await createEvent(host, 'LIVE', { visibility: 'PRIVATE' });
    expect(await react(ada, { eventId: hidden })).toMatchObject({ code: 'NOT_FOUND' });
    const nowhere = Buffer.from('VideoEvent:01890000-0000-7000-8000-000000000000').toString('base64url');
    expect(await react(ada, { eventId: nowhere })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await react(ada, { eventId: ada.id })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a guest is told to log in', async () => {
    const document = 'mutation($input: ReactInput!) { react(input: $input) { __typename } }';
    expect(await server.guest.refusal(document, { input: { eventId, emoji: '👏' } })).toBe('UNAUTHENTICATED');
  });

  test.each([
    ['another one', '🦄'],
    ['two of them', '👏👏'],
    ['nothing', ''],
    ['a letter', 'x'],
    ['a digit', '1'],
    ['one with a control character', '👏\u0000'],
    ['half a character', '\ud83d'],
    ['a long text', 'x'.repeat(5000)],
  ])(
    'what the event does not allow (%s) is refused with what it does, and nothing is written',
    async (_name, emoji) => {
      const before = await rowsOf(server);
      const document = `mutation($input: ReactInput!) { result: react(input: $input) {
        __typename ... on ReactionNotAllowedError { code allowed } } }`;
      const { result } = await ada.ask(document, { input: { eventId, emoji } });
      expect(result).toEqual({
        __typename: 'ReactionNotAllowedError',
        code: 'REACTION_NOT_ALLOWED',
        allowed: ['❤️', '👏', '😂', '😮', '🎉', '🔥'],
      });
      expect(await rowsOf(server)).toEqual(before);
    },
  );

  test.each([0, -1, 11, 1e9])('a count of %d is refused by name, and nothing is written', async (count) => {
    const before = await rowsOf(server);
    const document = `mutation($input: ReactInput!) { result: react(input: $input) {
      __typename ... on InvalidInputError { issues { path } } } }`;
    const { result } = await ada.ask(document, { input: { eventId, emoji: '👏', count } });
    expect(result).toEqual({ __typename: 'InvalidInputError', issues: [{ path: 'count' }] });
    expect(await rowsOf(server)).toEqual(before);
  });

  test('the same idempotency key counts once, also at the same moment; with another input it is a conflict', async () => {
    const input = { count: 7, idempotencyKey: 'key-1' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => react(ada, input)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await react(ada, input)).toMatchObject({ count: 7 });
    expect(await react(ada, { ...input, count: 8 })).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    expect(await talliesIn(server.app.db, eventId)).toEqual({ '👏': 7 });
    expect(await loggedIn(server.app.db, eventId)).toEqual({ '👏': 7 });
  });

  test('a refusal is not remembered under its key', async () => {
    const input = { emoji: '🦄', idempotencyKey: 'key-2' };
    expect(await react(ada, input)).toMatchObject({ code: 'REACTION_NOT_ALLOWED' });
    await host.mutate('updateVideoEvent', { eventId, allowedReactions: ['🦄'] });
    expect(await react(ada, input)).toMatchObject({ __typename: 'ReactPayload' });
    expect(await talliesIn(server.app.db, eventId)).toEqual({ '🦄': 1 });
  });

  test('one bad reaction of a batch does not spoil the others', async () => {
    const results = await Promise.all(
      Array.from({ length: 60 }, (_, n) => react(ada, { emoji: n % 3 === 0 ? '🦄' : '🎉' })),
    );
    expect(results.filter(({ code }) => code === 'REACTION_NOT_ALLOWED')).toHaveLength(20);
    expect(await talliesIn(server.app.db, eventId)).toEqual({ '🎉': 40 });
  });

  test('the pulse tells the tallies, at once and as they grow', async () => {
    await react(ada, { count: 2 });
    const pulse = server.guest.subscribe(
      'subscription($id: ID!) { videoEventPulse(eventId: $id) { reactions { emoji total } } }',
      { id: eventId },
    );
    expect(await pulse.next()).toEqual({ reactions: [{ emoji: '👏', total: 2 }] });
    await Promise.all(Array.from({ length: 10 }, () => react(ada)));
    await until(() => pulse.items.at(-1)?.reactions[0]?.total === 12, { what: 'twelve in all' });
    await pulse.close();
  });
});

const byEmoji = (a: { emoji: string }, b: { emoji: string }) => (a.emoji < b.emoji ? -1 : 1);

/** Batches that counted so far: what is inserted in one transaction carries its id. */
async function transactions(): Promise<number> {
  const [row] = await server.app.db.$queryRaw<{ count: number }[]>`
    SELECT count(DISTINCT xmin::text)::int AS count FROM "EngagementLog" WHERE "engagementType" = 'REACTION'`;
  return row?.count ?? 0;
}
