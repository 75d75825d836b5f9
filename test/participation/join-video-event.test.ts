import { beforeAll, describe, expect, test } from 'vitest';
import { type Actor, createEvent, join } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer({ config: { databasePool: 10 } });
let host: Actor;
beforeAll(async () => {
  host = await server.signUp({ role: 'HOST' });
});

const place =
  'participant { id joinedAt leftAt user { id } event { id } } videoEvent { participantCount viewerStanding }';
const seats = async (eventId: string) =>
  (
    await host.ask('query($id: ID!) { videoEvent(id: $id) { participantCount participants { totalCount } } }', {
      id: eventId,
    })
  ).videoEvent;

describe('joinVideoEvent', () => {
  test.each(['SCHEDULED', 'LIVE', 'INTERRUPTED'] as const)(
    'takes a place while it is %s; again keeps it',
    async (status) => {
      const eventId = await createEvent(host, status);
      const ada = await server.signUp();
      const first = await ada.mutate('joinVideoEvent', { eventId }, place);
      expect(first).toEqual({
        __typename: 'JoinVideoEventPayload',
        participant: {
          id: expect.any(String),
          joinedAt: expect.any(String),
          leftAt: null,
          user: { id: ada.id },
          event: { id: eventId },
        },
        videoEvent: { participantCount: 1, viewerStanding: 'PARTICIPANT' },
      });
      expect(await ada.mutate('joinVideoEvent', { eventId }, place)).toEqual(first);
    },
  );

  test.each(['ENDED', 'CANCELLED'] as const)('is refused once it is %s, with the status', async (status) => {
    const eventId = await createEvent(host, status);
    const document = `mutation($input: JoinVideoEventInput!) { result: joinVideoEvent(input: $input) {
      ... on EventNotOpenError { code status } } }`;
    const { result } = await (await server.signUp()).ask(document, { input: { eventId } });
    expect(result).toEqual({ code: 'EVENT_NOT_OPEN', status });
  });

  test('an event one does not see is not found; a guest has to log in; a wrong key is refused', async () => {
    const ada = await server.signUp();
    const draft = await createEvent(host, 'DRAFT');
    const secret = await createEvent(host, 'LIVE', { visibility: 'PRIVATE' });
    for (const eventId of [draft, secret]) {
      expect(await ada.mutate('joinVideoEvent', { eventId })).toMatchObject({ code: 'NOT_FOUND' });
    }
    const document = 'mutation($input: JoinVideoEventInput!) { joinVideoEvent(input: $input) { __typename } }';
    const eventId = await createEvent(host);
    expect(await server.guest.refusal(document, { input: { eventId } })).toBe('UNAUTHENTICATED');
    const keyless = await ada.mutate('joinVideoEvent', { eventId, idempotencyKey: '' });
    expect(keyless).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await seats(eventId)).toEqual({ participantCount: 0, participants: { totalCount: 0 } });
  });

  test('an invited user joins a private event, anybody an unlisted one', async () => {
    const ada = await server.signUp();
    const secret = await createEvent(host, 'LIVE', { visibility: 'PRIVATE' });
    await host.mutate('inviteToVideoEvent', { eventId: secret, userIds: [ada.id] });
    await join(ada, secret);
    await join(ada, await createEvent(host, 'LIVE', { visibility: 'UNLISTED' }));
  });

  test('the host has a place without a seat', async () => {
    const eventId = await createEvent(host, 'LIVE', { capacity: 1 });
    await join(host, eventId);
    expect(await seats(eventId)).toEqual({ participantCount: 0, participants: { totalCount: 1 } });
    await join(await server.signUp(), eventId);
  });

  test('who left comes back to the same place, with the first joinedAt', async () => {
    const eventId = await createEvent(host);
    const ada = await server.signUp();
    const first = await ada.mutate('joinVideoEvent', { eventId }, place);
    await ada.mutate('leaveVideoEvent', { eventId });
    expect(await ada.mutate('joinVideoEvent', { eventId }, place)).toEqual(first);
    expect((await seats(eventId)).participantCount).toBe(1);
  });

  test('all seats taken: refused with the capacity, until somebody leaves', async () => {
    const eventId = await createEvent(host, 'LIVE', { capacity: 1 });
    const [ada, bob] = [await server.signUp(), await server.signUp()];
    await join(ada, eventId);
    const document = `mutation($input: JoinVideoEventInput!) { result: joinVideoEvent(input: $input) {
      ... on CapacityError { code capacity } } }`;
    const { result } = await bob.ask(document, { input: { eventId } });
    expect(result).toEqual({ code: 'CAPACITY_REACHED', capacity: 1 });
    await join(ada, eventId);
    await ada.mutate('leaveVideoEvent', { eventId });
    await join(bob, eventId);
    expect(await ada.mutate('joinVideoEvent', { eventId })).toMatchObject({ code: 'CAPACITY_REACHED' });
  });

  test('an idempotency key is used once: the answer again, no second place after leaving', async () => {
    const eventId = await createEvent(host);
    const ada = await server.signUp();
    const input = { eventId, idempotencyKey: 'join-1' };
    const first = await ada.mutate('joinVideoEvent', input, 'participant { id }');
    await ada.mutate('leaveVideoEvent', { eventId });
    expect(await ada.mutate('joinVideoEvent', input, 'participant { id }')).toEqual(first);
    expect((await seats(eventId)).participantCount).toBe(0);
    const elsewhere = { ...input, eventId: await createEvent(host) };
    expect(await ada.mutate('joinVideoEvent', elsewhere)).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });

  test('50 joins of one user at once are one place and one seat', async () => {
    const eventId = await createEvent(host, 'LIVE', { capacity: 1 });
    const ada = await server.signUp();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => ada.mutate('joinVideoEvent', { eventId }, 'participant { id }')),
    );
    expect(new Set(answers.map(({ participant }) => participant.id)).size).toBe(1);
    expect(await seats(eventId)).toEqual({ participantCount: 1, participants: { totalCount: 1 } });
  });
});

test('200 people at once get 50 seats, while some leave and come back', async () => {
  const eventId = await createEvent(host, 'LIVE', { capacity: 50 });
  const people: Actor[] = [];
  // Hashing passwords has a queue of its own, with a bound.
  while (people.length < 200) people.push(...(await Promise.all(Array.from({ length: 10 }, () => server.signUp()))));
  const answers = await Promise.all(people.map((actor) => actor.mutate('joinVideoEvent', { eventId })));
  const joined = people.filter((_, index) => answers[index].code === undefined);
  expect(joined).toHaveLength(50);
  expect(answers.filter(({ code }) => code === 'CAPACITY_REACHED')).toHaveLength(150);
  expect((await seats(eventId)).participantCount).toBe(50);

  const late = people.filter((actor) => !joined.includes(actor)).slice(0, 40);
  await Promise.all([
    ...joined.slice(0, 20).map((actor) => actor.mutate('leaveVideoEvent', { eventId })),
    ...late.map((actor) => actor.mutate('joinVideoEvent', { eventId })),
  ]);
  const { db } = server.app;
  const [row] = await db.$queryRaw<{ taken: number; held: number }[]>`
    SELECT "seatsTaken" AS taken, (SELECT count(*)::int FROM "Participant" p WHERE p."eventId" = e.id AND p."leftAt" IS NULL) AS held
    FROM "VideoEvent" e WHERE capacity = 50`;
  expect(row?.taken).toBe(row?.held);
  expect(row?.taken).toBeLessThanOrEqual(50);
}, 120_000);
