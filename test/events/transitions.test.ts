import { beforeAll, describe, expect, test } from 'vitest';
import { moves } from '../../src/events/rules.ts';
import { type Actor, createEvent, type EventStatus } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer();
let host: Actor;
let other: Actor;
beforeAll(async () => {
  host = await server.signUp({ role: 'HOST' });
  other = await server.signUp({ role: 'HOST' });
});

const statuses: EventStatus[] = ['DRAFT', 'SCHEDULED', 'LIVE', 'INTERRUPTED', 'ENDED', 'CANCELLED'];
const statusIn = async (id: string): Promise<string> =>
  (await host.ask('query($id: ID!) { videoEvent(id: $id) { status } }', { id })).videoEvent.status;

describe.each(Object.entries(moves))('%sVideoEvent', (move, { from, to }) => {
  const mutation = `${move}VideoEvent`;
  const allowed: readonly string[] = from;

  test.each(statuses)('from %s', async (status) => {
    const eventId = await createEvent(host, status);
    const document = `mutation($input: ${move.charAt(0).toUpperCase()}${move.slice(1)}VideoEventInput!) {
      result: ${mutation}(input: $input) { __typename ... on IllegalTransitionError { code status }
        ... on ${move.charAt(0).toUpperCase()}${move.slice(1)}VideoEventPayload { videoEvent { status } } } }`;
    const { result } = await host.ask(document, { input: { eventId } });
    if (allowed.includes(status)) expect(result.videoEvent).toEqual({ status: to });
    else expect(result).toEqual({ __typename: 'IllegalTransitionError', code: 'ILLEGAL_TRANSITION', status });
    expect(await statusIn(eventId)).toBe(allowed.includes(status) ? to : status);
  });

  test('is for the host: others are refused, a guest has to log in, and who does not see the event finds none', async () => {
    const eventId = await createEvent(host, 'SCHEDULED');
    expect(await other.mutate(mutation, { eventId })).toMatchObject({ code: 'FORBIDDEN' });
    const draft = await createEvent(host, 'DRAFT');
    expect(await other.mutate(mutation, { eventId: draft })).toMatchObject({ code: 'NOT_FOUND' });
    const input = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const document = `mutation($input: ${input}!) { ${mutation}(input: $input) { __typename } }`;
    expect(await server.guest.refusal(document, { input: { eventId } })).toBe('UNAUTHENTICATED');
    expect(await host.mutate(mutation, { eventId: host.id })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await statusIn(eventId)).toBe('SCHEDULED');
  });
});

test('an event without a stream does not go live', async () => {
  const eventId = await createEvent(host, 'SCHEDULED', { streamUrl: null });
  expect(await host.mutate('startVideoEvent', { eventId })).toMatchObject({
    code: 'INVALID_INPUT',
    message: 'streamUrl: is required before the event goes live',
  });
  expect(await statusIn(eventId)).toBe('SCHEDULED');
});

test('startedAt is when the event first went live, endedAt when it ended', async () => {
  const eventId = await createEvent(host, 'SCHEDULED');
  const times = 'videoEvent { startedAt endedAt }';
  const started = (await host.mutate('startVideoEvent', { eventId }, times)).videoEvent;
  expect(started).toEqual({ startedAt: expect.any(String), endedAt: null });
  await host.mutate('interruptVideoEvent', { eventId });
  expect((await host.mutate('resumeVideoEvent', { eventId }, times)).videoEvent).toEqual(started);
  const ended = (await host.mutate('endVideoEvent', { eventId }, times)).videoEvent;
  expect(ended.startedAt).toBe(started.startedAt);
  expect(Date.parse(ended.endedAt)).toBeGreaterThan(Date.parse(started.startedAt));
});

test('of 20 moves at once one wins, and the feed tells it once', async () => {
  const eventId = await createEvent(host, 'SCHEDULED');
  const stream = await host.follow(eventId);
  const results = await Promise.all(Array.from({ length: 20 }, () => host.mutate('startVideoEvent', { eventId })));
  expect(results.filter(({ code }) => code === undefined)).toHaveLength(1);
  expect(results.filter(({ code }) => code === 'ILLEGAL_TRANSITION')).toHaveLength(19);
  await host.mutate('endVideoEvent', { eventId });
  expect((await stream.has(2)).map(({ __typename }) => __typename)).toEqual(['VideoEventWentLive', 'VideoEventEnded']);
  await stream.close();
});

test('the feed tells every move with the event as it then was, and counts the offset from going live', async () => {
  const eventId = await createEvent(host, 'DRAFT', { title: 'Night' });
  const snapshot = 'event { eventId title status } host { userId }';
  const kinds = ['Scheduled', 'WentLive', 'Interrupted', 'Resumed', 'Ended'].map((kind) => `VideoEvent${kind}`);
  const selection = kinds.map((kind) => `... on ${kind} { streamOffset ${snapshot} }`).join(' ');
  const stream = await host.follow(eventId, selection);
  for (const move of ['schedule', 'start', 'interrupt', 'resume', 'end'])
    await host.mutate(`${move}VideoEvent`, { eventId });
  const items = await stream.has(5);
  expect(items.map(({ __typename }) => __typename)).toEqual(kinds);
  expect(items.map(({ event }) => event.status)).toEqual(['SCHEDULED', 'LIVE', 'INTERRUPTED', 'LIVE', 'ENDED']);
  expect(items[0]).toMatchObject({ streamOffset: null, event: { eventId, title: 'Night' }, host: { userId: host.id } });
  expect(items[1].streamOffset).toBeLessThan(1000);
  expect(items[4].streamOffset).toBeGreaterThanOrEqual(items[2].streamOffset);
  await stream.close();
});

test('a cancelled draft stays unknown to the public', async () => {
  const eventId = await createEvent(host, 'DRAFT');
  await host.mutate('cancelVideoEvent', { eventId });
  const query = 'query($id: ID!) { videoEvent(id: $id) { status } }';
  expect(await server.guest.ask(query, { id: eventId })).toEqual({ videoEvent: null });
  expect(await host.ask(query, { id: eventId })).toEqual({ videoEvent: { status: 'CANCELLED' } });
});
