import { beforeAll, describe, expect, test } from 'vitest';
import { type Actor, createEvent, join } from '../actor.ts';
import { useServer } from '../harness.ts';
import { admin } from './admin.ts';

const server = useServer();
let host: Actor;
beforeAll(async () => {
  host = await server.signUp({ role: 'HOST' });
});

describe('updateVideoEvent', () => {
  test('changes what is given and leaves the rest; the feed tells it', async () => {
    const eventId = await createEvent(host, 'SCHEDULED', { description: 'before', capacity: 5 });
    const stream = await host.follow(eventId, '... on VideoEventUpdated { event { title description capacity } }');
    const { videoEvent } = await host.mutate(
      'updateVideoEvent',
      { eventId, title: 'New', capacity: null, visibility: null },
      'videoEvent { title description capacity visibility }',
    );
    expect(videoEvent).toEqual({ title: 'New', description: 'before', capacity: null, visibility: 'PUBLIC' });
    expect(await stream.next()).toMatchObject({
      __typename: 'VideoEventUpdated',
      event: { title: 'New', description: 'before', capacity: null },
    });
    await stream.close();
  });

  test('an admin may, another host may not, and a guest has to log in', async () => {
    const eventId = await createEvent(host, 'SCHEDULED');
    const draft = await createEvent(host, 'DRAFT');
    const other = await server.signUp({ role: 'HOST' });
    expect(await other.mutate('updateVideoEvent', { eventId, title: 'Mine' })).toMatchObject({ code: 'FORBIDDEN' });
    const hidden = await other.mutate('updateVideoEvent', { eventId: draft, title: 'Mine' });
    expect(hidden).toMatchObject({ code: 'NOT_FOUND' });
    const document = 'mutation($input: UpdateVideoEventInput!) { updateVideoEvent(input: $input) { __typename } }';
    expect(await server.guest.refusal(document, { input: { eventId, title: 'Mine' } })).toBe('UNAUTHENTICATED');
    const changed = await (await admin(server)).mutate(
      'updateVideoEvent',
      { eventId, title: 'Ours' },
      'videoEvent { title }',
    );
    expect(changed.videoEvent).toEqual({ title: 'Ours' });
  });

  test.each(['ENDED', 'CANCELLED'] as const)('nothing changes once it is %s', async (status) => {
    const eventId = await createEvent(host, status);
    expect(await host.mutate('updateVideoEvent', { eventId, title: 'New' })).toMatchObject({
      code: 'ILLEGAL_TRANSITION',
    });
  });

  test.each([
    ['the stream taken away', { streamUrl: null }, 'streamUrl: is required while the event is on air'],
    ['the plan moved', { scheduledAt: '2030-01-01T00:00:00Z' }, 'scheduledAt: cannot change once the event is on air'],
    ['an http stream', { streamUrl: 'http://a.test' }, 'streamUrl: must be an https URL'],
    ['an empty title', { title: '' }, 'title: must have 1 to 200 characters'],
  ])('while it is live, %s is refused', async (_what, changes, message) => {
    const eventId = await createEvent(host, 'LIVE');
    expect(await host.mutate('updateVideoEvent', { eventId, ...changes })).toMatchObject({
      code: 'INVALID_INPUT',
      message,
    });
  });

  test('the capacity does not go below the seats in use, the host not counted', async () => {
    const eventId = await createEvent(host, 'LIVE', { capacity: 3 });
    for (const actor of [host, await server.signUp(), await server.signUp()]) await join(actor, eventId);
    expect(await host.mutate('updateVideoEvent', { eventId, capacity: 1 })).toMatchObject({
      code: 'INVALID_INPUT',
      message: 'capacity: must not be below the 2 seats in use',
    });
    expect(await host.mutate('updateVideoEvent', { eventId, capacity: 2 })).not.toHaveProperty('code');
  });

  test('capacity and joins at once never end with more participants than seats', async () => {
    const eventId = await createEvent(host, 'LIVE', { capacity: 10 });
    const people = await Promise.all(Array.from({ length: 10 }, () => server.signUp()));
    await Promise.all([
      ...people.map((actor) => actor.mutate('joinVideoEvent', { eventId })),
      ...[5, 4, 6].map((capacity) => host.mutate('updateVideoEvent', { eventId, capacity })),
    ]);
    const { videoEvent } = await host.ask(
      'query($id: ID!) { videoEvent(id: $id) { capacity participantCount participants { totalCount } } }',
      { id: eventId },
    );
    expect(videoEvent.participantCount).toBe(videoEvent.participants.totalCount);
    expect(videoEvent.participantCount).toBeLessThanOrEqual(videoEvent.capacity);
  });
});
