import { expect, test } from 'vitest';
import { type Actor, join, testPassword } from '../actor.ts';
import type { Person } from '../authorisation/people.ts';
import { startInstance, useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { offersEnd, offersTold, type SceneOptions, seatsOf, setScene, turnOf } from './scene.ts';

const server = useServer({ config: { databasePool: 10 } });

/** An event with one seat, which ada has; bob and cid wait for it, in this order. */
async function fullHouse(options: SceneOptions = {}) {
  const scene = await setScene(server, { people: 4, ...options });
  const [ada, bob, cid, dan] = scene.people;
  if (!ada || !bob || !cid || !dan) throw new Error('four people');
  const { eventId } = scene;
  if (options.visibility === 'PRIVATE') {
    const userIds = scene.people.map(({ actor }) => actor.id);
    await scene.host.actor.mutate('inviteToVideoEvent', { eventId, userIds });
  }
  await join(ada.actor, eventId);
  for (const { actor } of [bob, cid]) {
    const { code } = await actor.mutate('joinWaitlist', { eventId });
    if (code !== undefined) throw new Error(`waiting was refused: ${code}`);
  }
  return { ...scene, ada, bob, cid, dan };
}

const statusOf = async ({ actor }: Person, eventId: string) => (await turnOf(actor, eventId))?.status;
const codeOf = async (actor: Actor, mutation: string, eventId: string) =>
  (await actor.mutate(mutation, { eventId })).code;

test('the seat somebody leaves is offered to the first who waits, for ten minutes, and told in their own feed', async () => {
  const { eventId, id, ada, bob, cid, dan } = await fullHouse();
  const second = await startInstance({ databaseUrl: server.databaseUrl });
  try {
    const document = `subscription($after: String) { myFeed(after: $after) { __typename
      ... on SeatOffered { eventId title occurredAt offeredUntil } } }`;
    const { viewer } = await bob.actor.ask('{ viewer { feedCursor } }');
    const feed = bob.actor.at(second.url).subscribe(document, { after: viewer.feedCursor });
    await ada.actor.mutate('leaveVideoEvent', { eventId });
    const told = await feed.next();
    expect(told).toMatchObject({ __typename: 'SeatOffered', eventId, title: 'A show' });
    // Both by the database's clock, a few statements apart.
    expect(Math.round((Date.parse(told.offeredUntil) - Date.parse(told.occurredAt)) / 60_000)).toBe(10);
    expect(await turnOf(bob.actor, eventId)).toMatchObject({
      status: 'OFFERED',
      position: null,
      offeredUntil: told.offeredUntil,
    });
    await feed.close();
  } finally {
    await second.drain(2000);
  }
  expect(await turnOf(cid.actor, eventId)).toMatchObject({ status: 'WAITING', position: 1 });
  // Nobody else gets it while the offer stands, not even who left it.
  for (const { actor } of [ada, cid, dan])
    expect(await codeOf(actor, 'joinVideoEvent', eventId)).toBe('CAPACITY_REACHED');
  expect(await seatsOf(server, id)).toMatchObject({ taken: 0, offered: 1, waiting: 1 });
});

test.each(['acceptOffer', 'joinVideoEvent'])('%s takes the seat that was offered', async (mutation) => {
  const { eventId, id, ada, bob } = await fullHouse();
  await ada.actor.mutate('leaveVideoEvent', { eventId });
  const place = 'participant { leftAt user { id } } videoEvent { participantCount viewerStanding }';
  const taken = await bob.actor.mutate(mutation, { eventId }, place);
  expect(taken).toMatchObject({
    participant: { leftAt: null, user: { id: bob.actor.id } },
    videoEvent: { participantCount: 1, viewerStanding: 'PARTICIPANT' },
  });
  expect(await statusOf(bob, eventId)).toBe('ACCEPTED');
  expect(await seatsOf(server, id)).toMatchObject({ taken: 1, offered: 0, waiting: 1, both: 0 });
  const { db } = server.app;
  const joined = { participant: { userId: bob.viewer.id }, eventId: id, engagementType: 'JOIN' };
  expect(await db.engagementLog.count({ where: joined })).toBe(1);
  // Who has a place keeps it.
  expect(await bob.actor.mutate('acceptOffer', { eventId }, place)).toEqual({
    ...taken,
    __typename: 'AcceptOfferPayload',
  });
});

test('who was offered nothing accepts nothing', async () => {
  const { eventId, host, ada, bob, cid, dan } = await fullHouse();
  expect(await codeOf(bob.actor, 'acceptOffer', eventId)).toBe('NO_OFFER');
  expect(await codeOf(dan.actor, 'acceptOffer', eventId)).toBe('NO_OFFER');
  const unseen = await setScene(server, { visibility: 'PRIVATE', people: 0 });
  expect(await codeOf(bob.actor, 'acceptOffer', unseen.eventId)).toBe('NOT_FOUND');
  expect((await bob.actor.mutate('acceptOffer', { eventId, idempotencyKey: '' })).code).toBe('INVALID_INPUT');
  await ada.actor.mutate('leaveVideoEvent', { eventId });
  await host.actor.mutate('banUser', { eventId, userId: bob.actor.id });
  expect(await codeOf(bob.actor, 'acceptOffer', eventId)).toBe('SANCTIONED');
  const used = { eventId, idempotencyKey: 'taken' };
  await cid.actor.mutate('joinWaitlist', used);
  expect((await cid.actor.mutate('acceptOffer', used)).code).toBe('IDEMPOTENCY_CONFLICT');
  await host.actor.mutate('endVideoEvent', { eventId });
  expect(await codeOf(cid.actor, 'acceptOffer', eventId)).toBe('EVENT_NOT_OPEN');
  const document = 'mutation($input: AcceptOfferInput!) { acceptOffer(input: $input) { __typename } }';
  expect(await server.guest.refusal(document, { input: { eventId } })).toBe('UNAUTHENTICATED');
});

test('an offer that nobody takes ends once, and the next gets one', async () => {
  const { eventId, id, ada, bob, cid } = await fullHouse();
  await ada.actor.mutate('leaveVideoEvent', { eventId });
  await offersEnd(server, id);
  const document = `mutation($input: AcceptOfferInput!) { result: acceptOffer(input: $input) {
    ... on OfferExpiredError { code offeredUntil } } }`;
  const { result } = await bob.actor.ask(document, { input: { eventId } });
  expect(result).toEqual({ code: 'OFFER_EXPIRED', offeredUntil: expect.any(String) });
  await until(async () => (await statusOf(cid, eventId)) === 'OFFERED', { what: 'the next offer' });
  expect(await statusOf(bob, eventId)).toBe('EXPIRED');
  expect(await codeOf(bob.actor, 'acceptOffer', eventId)).toBe('OFFER_EXPIRED');
  expect(await codeOf(bob.actor, 'joinVideoEvent', eventId)).toBe('CAPACITY_REACHED');
  expect(await offersTold(server, bob, id)).toHaveLength(1);
  expect(await offersTold(server, cid, id)).toHaveLength(1);
  expect(await seatsOf(server, id)).toMatchObject({ taken: 0, offered: 1, waiting: 0 });
  // Whoever let it pass may wait again, behind the others.
  expect(await codeOf(bob.actor, 'joinWaitlist', eventId)).toBeUndefined();
  expect(await turnOf(bob.actor, eventId)).toMatchObject({ status: 'WAITING', position: 1, offeredUntil: null });
});

test('an offer that is declined goes to the next; leaving twice changes nothing', async () => {
  const { eventId, id, ada, bob, cid, dan } = await fullHouse();
  await ada.actor.mutate('leaveVideoEvent', { eventId });
  const left = await bob.actor.mutate('leaveWaitlist', { eventId }, 'videoEvent { viewerWaitlistEntry { status } }');
  expect(left).toMatchObject({ videoEvent: { viewerWaitlistEntry: { status: 'CANCELLED' } } });
  expect(await statusOf(cid, eventId)).toBe('OFFERED');
  await bob.actor.mutate('leaveWaitlist', { eventId });
  expect(await codeOf(dan.actor, 'leaveWaitlist', eventId)).toBeUndefined();
  expect(await seatsOf(server, id)).toMatchObject({ taken: 0, offered: 1, waiting: 0 });
  const unseen = await setScene(server, { visibility: 'PRIVATE', people: 0 });
  expect(await codeOf(bob.actor, 'leaveWaitlist', unseen.eventId)).toBe('NOT_FOUND');
  const document = 'mutation($input: LeaveWaitlistInput!) { leaveWaitlist(input: $input) { __typename } }';
  expect(await server.guest.refusal(document, { input: { eventId } })).toBe('UNAUTHENTICATED');
});

test('a seat that a banned participant had, or somebody put off the waitlist was offered, goes to the next', async () => {
  const { eventId, host, ada, bob, cid } = await fullHouse();
  await host.actor.mutate('banUser', { eventId, userId: ada.actor.id });
  expect(await statusOf(bob, eventId)).toBe('OFFERED');
  await host.actor.mutate('banUser', { eventId, userId: bob.actor.id });
  expect(await statusOf(bob, eventId)).toBe('CANCELLED');
  expect(await statusOf(cid, eventId)).toBe('OFFERED');
});

test('a seat is offered when somebody is uninvited, deletes their account, or there are more', async () => {
  const secret = await fullHouse({ visibility: 'PRIVATE' });
  const uninvite = (one: Person) =>
    secret.host.actor.mutate('uninviteFromVideoEvent', { eventId: secret.eventId, userIds: [one.actor.id] });
  await uninvite(secret.ada);
  expect(await statusOf(secret.bob, secret.eventId)).toBe('OFFERED');
  await uninvite(secret.bob);
  expect(await statusOf(secret.cid, secret.eventId)).toBe('OFFERED');

  const { eventId, id, host, ada, bob, cid, dan } = await fullHouse();
  await dan.actor.mutate('joinWaitlist', { eventId });
  expect((await ada.actor.mutate('deleteAccount', { password: testPassword })).code).toBeUndefined();
  expect(await statusOf(bob, eventId)).toBe('OFFERED');
  await bob.actor.mutate('deleteAccount', { password: testPassword });
  expect(await statusOf(cid, eventId)).toBe('OFFERED');
  expect((await host.actor.mutate('updateVideoEvent', { eventId, capacity: 2 })).code).toBeUndefined();
  expect(await statusOf(dan, eventId)).toBe('OFFERED');
  // What is offered is in use.
  expect((await host.actor.mutate('updateVideoEvent', { eventId, capacity: 1 })).code).toBe('INVALID_INPUT');
  expect(await seatsOf(server, id)).toMatchObject({ taken: 0, offered: 2, waiting: 0 });
});

test('who may see the event no more is passed over when it is their turn', async () => {
  const { eventId, id, host, ada, bob, cid } = await fullHouse();
  await host.actor.mutate('inviteToVideoEvent', { eventId, userIds: [cid.actor.id] });
  await host.actor.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
  await ada.actor.mutate('leaveVideoEvent', { eventId });
  expect(await statusOf(cid, eventId)).toBe('OFFERED');
  const passed = await server.app.db.waitlistEntry.findFirst({ where: { eventId: id, userId: bob.viewer.id } });
  expect(passed?.status).toBe('CANCELLED');
  expect(await offersTold(server, bob, id)).toHaveLength(0);
});

test('when the event is over nobody waits, and no seat is kept', async () => {
  const { eventId, id, host, ada, bob, cid } = await fullHouse();
  await ada.actor.mutate('leaveVideoEvent', { eventId });
  await host.actor.mutate('endVideoEvent', { eventId });
  expect(await Promise.all([bob, cid].map((one) => statusOf(one, eventId)))).toEqual(['CANCELLED', 'CANCELLED']);
  expect(await seatsOf(server, id)).toMatchObject({ taken: 0, offered: 0, waiting: 0 });
});

test('the host and moderators see who waits, others their own turn only', async () => {
  const { eventId, host, ada, bob, cid, dan } = await fullHouse();
  await host.actor.mutate('appointModerator', { eventId, userId: dan.actor.id });
  await ada.actor.mutate('leaveVideoEvent', { eventId });
  const document = `query($id: ID!) { videoEvent(id: $id) { waitlistCount
    waitlist(first: 1) { totalCount edges { node { status offeredUntil user { id } } } } } }`;
  for (const { actor } of [host, dan]) {
    const { videoEvent } = await actor.ask(document, { id: eventId });
    const node = { status: 'OFFERED', offeredUntil: expect.any(String), user: { id: bob.actor.id } };
    expect(videoEvent).toEqual({ waitlistCount: 2, waitlist: { totalCount: 2, edges: [{ node }] } });
  }
  for (const actor of [cid.actor, bob.actor, server.guest]) {
    const { videoEvent } = await actor.ask(document, { id: eventId });
    expect(videoEvent).toEqual({ waitlistCount: 0, waitlist: { totalCount: 0, edges: [] } });
  }
});
