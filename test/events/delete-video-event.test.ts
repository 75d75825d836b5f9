import { beforeAll, describe, expect, test } from 'vitest';
import { type Actor, createEvent, join } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

const server = useServer();
let host: Actor;
beforeAll(async () => {
  host = await server.signUp({ role: 'HOST' });
});

const exists = async (id: string): Promise<boolean> =>
  (await host.ask('query($id: ID!) { videoEvent(id: $id) { id } }', { id })).videoEvent !== null;

describe('deleteVideoEvent', () => {
  test.each(['DRAFT', 'CANCELLED'] as const)('removes one that is %s', async (status) => {
    const eventId = await createEvent(host, status);
    expect(await host.mutate('deleteVideoEvent', { eventId }, 'eventId')).toMatchObject({ eventId });
    expect(await exists(eventId)).toBe(false);
    expect(await host.mutate('deleteVideoEvent', { eventId })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test.each(['SCHEDULED', 'LIVE', 'INTERRUPTED', 'ENDED'] as const)('keeps one that is %s', async (status) => {
    const eventId = await createEvent(host, status);
    expect(await host.mutate('deleteVideoEvent', { eventId })).toMatchObject({ code: 'ILLEGAL_TRANSITION' });
    expect(await exists(eventId)).toBe(true);
  });

  test('keeps a cancelled one that somebody joined', async () => {
    const eventId = await createEvent(host, 'SCHEDULED');
    await join(await server.signUp(), eventId);
    await host.mutate('cancelVideoEvent', { eventId });
    expect(await host.mutate('deleteVideoEvent', { eventId })).toMatchObject({ code: 'ILLEGAL_TRANSITION' });
  });

  test('is for the host: others are refused, and a guest has to log in', async () => {
    const other = await server.signUp({ role: 'HOST' });
    const eventId = await createEvent(host, 'CANCELLED');
    expect(await other.mutate('deleteVideoEvent', { eventId })).toMatchObject({ code: 'FORBIDDEN' });
    const draft = await createEvent(host, 'DRAFT');
    expect(await other.mutate('deleteVideoEvent', { eventId: draft })).toMatchObject({ code: 'NOT_FOUND' });
    const document = 'mutation($input: DeleteVideoEventInput!) { deleteVideoEvent(input: $input) { __typename } }';
    expect(await server.guest.refusal(document, { input: { eventId } })).toBe('UNAUTHENTICATED');
    expect(await exists(eventId)).toBe(true);
  });

  test('whoever follows the event learns that it is gone: the subscription ends', async () => {
    const eventId = await createEvent(host, 'CANCELLED');
    const stream = await host.follow(eventId);
    await until(() => server.app.hub.stats.subscribers > 1, { what: 'the subscription' });
    await host.mutate('deleteVideoEvent', { eventId });
    await stream.ended();
    expect(JSON.stringify([stream.error, stream.results.at(-1)])).toContain('NOT_FOUND');
    await stream.close();
  });
});
