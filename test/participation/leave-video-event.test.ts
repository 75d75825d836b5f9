import { beforeAll, describe, expect, test } from 'vitest';
import { type Actor, createEvent, join } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer();
let host: Actor;
let ada: Actor;
beforeAll(async () => {
  host = await server.signUp({ role: 'HOST' });
  ada = await server.signUp();
});

describe('leaveVideoEvent', () => {
  test('frees the seat and keeps the place; again changes nothing', async () => {
    const eventId = await createEvent(host);
    await join(ada, eventId);
    const first = await ada.mutate(
      'leaveVideoEvent',
      { eventId },
      'participant { id leftAt event { participantCount } }',
    );
    expect(first.participant).toEqual({
      id: expect.any(String),
      leftAt: expect.any(String),
      event: { participantCount: 0 },
    });
    const again = await ada.mutate(
      'leaveVideoEvent',
      { eventId },
      'participant { id leftAt event { participantCount } }',
    );
    expect(again).toEqual(first);
  });

  test('without a place nothing happens', async () => {
    const eventId = await createEvent(host);
    const result = await ada.mutate('leaveVideoEvent', { eventId }, 'participant { id }');
    expect(result).toEqual({ __typename: 'LeaveVideoEventPayload', participant: null });
  });

  test('a private event is out of sight after leaving it without an invitation', async () => {
    const eventId = await createEvent(host);
    await join(ada, eventId);
    await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
    const result = await ada.mutate('leaveVideoEvent', { eventId }, 'participant { id }');
    expect(result).toEqual({ __typename: 'LeaveVideoEventPayload', participant: null });
    expect(await ada.mutate('leaveVideoEvent', { eventId })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('the host stays, a stranger finds no draft, a guest has to log in', async () => {
    const eventId = await createEvent(host);
    await join(host, eventId);
    expect(await host.mutate('leaveVideoEvent', { eventId })).toMatchObject({ code: 'FORBIDDEN' });
    const draft = await createEvent(host, 'DRAFT');
    expect(await ada.mutate('leaveVideoEvent', { eventId: draft })).toMatchObject({ code: 'NOT_FOUND' });
    const document = 'mutation($input: LeaveVideoEventInput!) { leaveVideoEvent(input: $input) { __typename } }';
    expect(await server.guest.refusal(document, { input: { eventId } })).toBe('UNAUTHENTICATED');
  });

  test('20 leaves at once free one seat', async () => {
    const eventId = await createEvent(host);
    await join(ada, eventId);
    await join(await server.signUp(), eventId);
    await Promise.all(Array.from({ length: 20 }, () => ada.mutate('leaveVideoEvent', { eventId })));
    const { videoEvent } = await host.ask('query($id: ID!) { videoEvent(id: $id) { participantCount } }', {
      id: eventId,
    });
    expect(videoEvent).toEqual({ participantCount: 1 });
  });
});
