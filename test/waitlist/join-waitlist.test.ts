import { expect, test } from 'vitest';
import { join } from '../actor.ts';
import { rowsOf } from '../authorisation/rows.ts';
import { useServer } from '../harness.ts';
import { offersTold, seatsOf, setScene, turnOf } from './scene.ts';

const server = useServer({ config: { databasePool: 10 } });
const wait = 'videoEvent { participantCount viewerWaitlistEntry { status position offeredUntil } } participant { id }';

test('who finds every seat taken waits, in the order of coming', async () => {
  const { people, eventId } = await setScene(server);
  const [ada, bob, cid] = people.map(({ actor }) => actor);
  if (!ada || !bob || !cid) throw new Error('three people');
  await join(ada, eventId);
  expect(await bob.mutate('joinWaitlist', { eventId }, wait)).toEqual({
    __typename: 'JoinWaitlistPayload',
    videoEvent: {
      participantCount: 1,
      viewerWaitlistEntry: { status: 'WAITING', position: 1, offeredUntil: null },
    },
    participant: null,
  });
  await cid.mutate('joinWaitlist', { eventId });
  expect(await turnOf(cid, eventId)).toMatchObject({ status: 'WAITING', position: 2 });
  const before = await turnOf(bob, eventId);
  await bob.mutate('joinWaitlist', { eventId });
  expect(await turnOf(bob, eventId)).toEqual(before);
  expect(await turnOf(ada, eventId)).toBeNull();
  expect(await turnOf(server.guest, eventId)).toBeNull();
});

test('whoever holds a place keeps it and does not wait', async () => {
  const { people, id, eventId } = await setScene(server);
  const ada = people[0]?.actor;
  if (!ada) throw new Error('somebody');
  await join(ada, eventId);
  const held = await ada.mutate('joinWaitlist', { eventId }, wait);
  expect(held).toMatchObject({ participant: { id: expect.any(String) }, videoEvent: { viewerWaitlistEntry: null } });
  expect(await seatsOf(server, id)).toMatchObject({ taken: 1, waiting: 0 });
});

test('is refused where there is a seat, for the banned, once the event is over, and where none is seen', async () => {
  const { host, people, eventId } = await setScene(server);
  const [ada, bob, cid] = people;
  if (!ada || !bob || !cid) throw new Error('three people');
  const unseen = await setScene(server, { visibility: 'PRIVATE', people: 1 });
  const unlimited = await setScene(server, { capacity: null, people: 1 });
  await host.actor.mutate('banUser', { eventId, userId: cid.actor.id });
  const refused = async (who: typeof ada, id: string) => (await who.actor.mutate('joinWaitlist', { eventId: id })).code;
  const rows = await rowsOf(server);
  expect(await refused(ada, eventId)).toBe('NOT_FULL');
  expect(await refused(ada, unlimited.eventId)).toBe('NOT_FULL');
  expect(await refused(cid, eventId)).toBe('SANCTIONED');
  expect(await refused(ada, unseen.eventId)).toBe('NOT_FOUND');
  expect(await rowsOf(server)).toEqual(rows);
  await join(ada.actor, eventId);
  expect(await refused(host, eventId)).toBe('NOT_FULL');
  expect((await bob.actor.mutate('joinWaitlist', { eventId, idempotencyKey: '' })).code).toBe('INVALID_INPUT');
  await host.actor.mutate('endVideoEvent', { eventId });
  expect(await refused(bob, eventId)).toBe('EVENT_NOT_OPEN');
  expect(await server.app.db.waitlistEntry.count({ where: { event: { hostId: host.viewer.id } } })).toBe(0);
  const document = 'mutation($input: JoinWaitlistInput!) { joinWaitlist(input: $input) { __typename } }';
  expect(await server.guest.refusal(document, { input: { eventId } })).toBe('UNAUTHENTICATED');
});

test('an idempotency key is used once: no second turn after leaving', async () => {
  const { people, eventId } = await setScene(server);
  const [ada, bob] = people.map(({ actor }) => actor);
  if (!ada || !bob) throw new Error('two people');
  await join(ada, eventId);
  const input = { eventId, idempotencyKey: 'wait-1' };
  await bob.mutate('joinWaitlist', input);
  await bob.mutate('leaveWaitlist', { eventId });
  expect((await bob.mutate('joinWaitlist', input)).code).toBeUndefined();
  expect(await turnOf(bob, eventId)).toMatchObject({ status: 'CANCELLED', position: null });
  const other = await setScene(server, { people: 1 });
  const conflict = await bob.mutate('joinWaitlist', { ...input, eventId: other.eventId });
  expect(conflict.code).toBe('IDEMPOTENCY_CONFLICT');
});

test('who left the waitlist comes back at its end', async () => {
  const { people, eventId } = await setScene(server);
  const [ada, bob, cid] = people.map(({ actor }) => actor);
  if (!ada || !bob || !cid) throw new Error('three people');
  await join(ada, eventId);
  for (const actor of [bob, cid]) await actor.mutate('joinWaitlist', { eventId });
  await bob.mutate('leaveWaitlist', { eventId });
  await bob.mutate('joinWaitlist', { eventId });
  expect(await turnOf(cid, eventId)).toMatchObject({ position: 1 });
  expect(await turnOf(bob, eventId)).toMatchObject({ position: 2 });
});

test('150 people who come at once have 150 turns, and 120 seats that are freed at once go to the first of them', async () => {
  const { host, people, id, eventId } = await setScene(server, { people: 151 });
  const [ada, ...others] = people;
  if (!ada) throw new Error('somebody');
  await join(ada.actor, eventId);
  await Promise.all(others.map(({ actor }) => actor.mutate('joinWaitlist', { eventId })));
  const { db, capabilities } = server.app;
  const inLine = await db.waitlistEntry.findMany({ where: { eventId: id }, orderBy: { turn: 'asc' } });
  expect(inLine).toHaveLength(150);
  expect(new Set(inLine.map(({ turn }) => turn)).size).toBe(150);
  await capabilities.events.update(host.viewer, { eventId: id, capacity: 121 });
  // A hundred at once, and the others by a task.
  await expect.poll(() => seatsOf(server, id)).toMatchObject({ taken: 1, offered: 120, offers: 120 });
  expect(await seatsOf(server, id)).toMatchObject({ waiting: 30, overtaken: false, both: 0 });
  const told = await Promise.all(people.map(async (one) => (await offersTold(server, one, id)).length));
  expect(told.reduce((sum, count) => sum + count, 0)).toBe(120);
  expect(Math.max(...told)).toBe(1);
});
