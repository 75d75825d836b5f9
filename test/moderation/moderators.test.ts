import { beforeEach, describe, expect, test } from 'vitest';
import { type Actor, createEvent } from '../actor.ts';
import { admin } from '../events/admin.ts';
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
  eventId = await createEvent(host, 'DRAFT');
});

const moderators = async (): Promise<string[]> => {
  const document = 'query($id: ID!) { videoEvent(id: $id) { moderators { id } viewerStanding } }';
  const { videoEvent } = await host.ask(document, { id: eventId });
  expect(videoEvent.viewerStanding).toBe('HOST');
  return videoEvent.moderators.map(({ id }: { id: string }) => id);
};
const selection = 'user { id } videoEvent { moderators { id } }';

describe('appointModerator', () => {
  test('makes a moderator, who then sees the draft; twice is once, also in the feed', async () => {
    const stream = await host.follow(eventId, '... on ModeratorAppointed { moderator { userId username } }');
    for (const _time of [1, 2]) {
      expect(await host.mutate('appointModerator', { eventId, userId: ada.id }, selection)).toEqual({
        __typename: 'AppointModeratorPayload',
        user: { id: ada.id },
        videoEvent: { moderators: [{ id: ada.id }] },
      });
    }
    await host.mutate('appointModerator', { eventId, userId: bob.id });
    expect(await moderators()).toEqual([ada.id, bob.id]);
    const facts = await stream.has(2);
    expect(facts.map(({ moderator }) => moderator.userId)).toEqual([ada.id, bob.id]);
    await stream.close();
    const seen = await ada.ask('query($id: ID!) { videoEvent(id: $id) { viewerStanding } }', { id: eventId });
    expect(seen).toEqual({ videoEvent: { viewerStanding: 'MODERATOR' } });
  });

  test('the host needs none', async () => {
    const result = await host.mutate('appointModerator', { eventId, userId: host.id });
    expect(result).toMatchObject({ code: 'INVALID_INPUT', message: 'userId: is the host, who moderates anyway' });
  });
});

describe('dismissModerator', () => {
  test('takes it back; who is none stays none', async () => {
    await host.mutate('appointModerator', { eventId, userId: ada.id });
    for (const _time of [1, 2]) {
      expect(await host.mutate('dismissModerator', { eventId, userId: ada.id }, selection)).toEqual({
        __typename: 'DismissModeratorPayload',
        user: { id: ada.id },
        videoEvent: { moderators: [] },
      });
    }
    const seen = await ada.ask('query($id: ID!) { videoEvent(id: $id) { id } }', { id: eventId });
    expect(seen).toEqual({ videoEvent: null });
  });
});

describe.each(['appointModerator', 'dismissModerator'])('%s', (mutation) => {
  test('is for the host and admins; moderators may not; who sees no event finds none; a guest has to log in', async () => {
    await host.mutate('appointModerator', { eventId, userId: ada.id });
    const input = { eventId, userId: bob.id };
    expect(await ada.mutate(mutation, input)).toMatchObject({ code: 'FORBIDDEN' });
    expect(await bob.mutate(mutation, input)).toMatchObject({ code: 'NOT_FOUND' });
    const document = `mutation($input: ${mutation === 'appointModerator' ? 'Appoint' : 'Dismiss'}ModeratorInput!) {
      ${mutation}(input: $input) { __typename } }`;
    expect(await server.guest.refusal(document, { input })).toBe('UNAUTHENTICATED');
    expect(await moderators()).toEqual([ada.id]);
    expect(await (await admin(server)).mutate(mutation, input)).not.toHaveProperty('code');
  });

  test('a user or an event that is none is not found', async () => {
    const none = (type: string) => Buffer.from(`${type}:01900000-0000-7000-8000-000000000000`).toString('base64');
    expect(await host.mutate(mutation, { eventId, userId: none('User') })).toMatchObject({ code: 'NOT_FOUND' });
    const elsewhere = { eventId: none('VideoEvent'), userId: ada.id };
    expect(await host.mutate(mutation, elsewhere)).toMatchObject({ code: 'NOT_FOUND' });
  });
});
