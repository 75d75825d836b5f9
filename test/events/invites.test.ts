import { beforeEach, describe, expect, test } from 'vitest';
import { type Actor, createEvent, join } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer();
let host: Actor;
let ada: Actor;
let bob: Actor;
let eventId: string;
beforeEach(async () => {
  host = await server.signUp({ role: 'HOST' });
  ada = await server.signUp();
  bob = await server.signUp();
  eventId = await createEvent(host, 'LIVE', { visibility: 'PRIVATE' });
});

const sees = async (actor: Actor): Promise<boolean> =>
  (await actor.ask('query($id: ID!) { videoEvent(id: $id) { id } }', { id: eventId })).videoEvent !== null;
const invited = async (actor: Actor): Promise<string[]> => {
  const document = 'query($id: ID!) { videoEvent(id: $id) { invites { totalCount edges { node { user { id } } } } } }';
  const { invites } = (await actor.ask(document, { id: eventId })).videoEvent;
  expect(invites.totalCount).toBe(invites.edges.length);
  return invites.edges.map(({ node }: { node: { user: { id: string } } }) => node.user.id);
};

describe('inviteToVideoEvent', () => {
  test('lets users see and join; twice is once; only the host sees the list', async () => {
    expect(await ada.mutate('joinVideoEvent', { eventId })).toMatchObject({ code: 'NOT_FOUND' });
    for (const userIds of [[ada.id], [ada.id, ada.id, bob.id]]) {
      const { videoEvent } = await host.mutate('inviteToVideoEvent', { eventId, userIds }, 'videoEvent { id }');
      expect(videoEvent).toEqual({ id: eventId });
    }
    expect(new Set(await invited(host))).toEqual(new Set([ada.id, bob.id]));
    expect(await invited(ada)).toEqual([]);
    await join(ada, eventId);
  });

  test('somebody who is no user is refused, and nobody is invited', async () => {
    const nobody = Buffer.from('User:01900000-0000-7000-8000-000000000000').toString('base64');
    const result = await host.mutate('inviteToVideoEvent', { eventId, userIds: [ada.id, nobody] });
    expect(result).toMatchObject({ code: 'NOT_FOUND' });
    expect(await invited(host)).toEqual([]);
  });

  test('takes 1 to 100 users', async () => {
    for (const userIds of [[], Array.from({ length: 101 }, () => ada.id)]) {
      expect(await host.mutate('inviteToVideoEvent', { eventId, userIds })).toMatchObject({ code: 'INVALID_INPUT' });
    }
  });
});

describe('uninviteFromVideoEvent', () => {
  test('takes the invitation back, and the place in a private event with it', async () => {
    await host.mutate('inviteToVideoEvent', { eventId, userIds: [ada.id, bob.id] });
    await join(ada, eventId);
    const count = 'videoEvent { participantCount }';
    const { videoEvent } = await host.mutate('uninviteFromVideoEvent', { eventId, userIds: [ada.id, host.id] }, count);
    expect(videoEvent).toEqual({ participantCount: 0 });
    expect([await sees(ada), await sees(bob), await sees(host)]).toEqual([false, true, true]);
    expect(await ada.mutate('joinVideoEvent', { eventId })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('leaves the place in a public event', async () => {
    eventId = await createEvent(host, 'LIVE');
    await host.mutate('inviteToVideoEvent', { eventId, userIds: [ada.id] });
    await join(ada, eventId);
    const count = 'videoEvent { participantCount }';
    const { videoEvent } = await host.mutate('uninviteFromVideoEvent', { eventId, userIds: [ada.id] }, count);
    expect(videoEvent).toEqual({ participantCount: 1 });
  });

  test('nobody at all is refused', async () => {
    const result = await host.mutate('uninviteFromVideoEvent', { eventId, userIds: [] });
    expect(result).toMatchObject({ code: 'INVALID_INPUT' });
  });
});

test.each(['inviteToVideoEvent', 'uninviteFromVideoEvent'])('%s is for the host alone', async (mutation) => {
  const input = { eventId, userIds: [bob.id] };
  expect(await ada.mutate(mutation, input)).toMatchObject({ code: 'NOT_FOUND' });
  await host.mutate('inviteToVideoEvent', { eventId, userIds: [ada.id] });
  expect(await ada.mutate(mutation, input)).toMatchObject({ code: 'FORBIDDEN' });
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const document = `mutation($input: ${type}!) { ${mutation}(input: $input) { __typename } }`;
  expect(await server.guest.refusal(document, { input })).toBe('UNAUTHENTICATED');
  expect(await invited(host)).toEqual([ada.id]);
});
