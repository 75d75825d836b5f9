import { beforeAll, expect, test } from 'vitest';
import { type Actor, createEvent } from '../actor.ts';
import { useServer } from '../harness.ts';
import type { LiveStream } from '../live-stream.ts';

const server = useServer();
let host: Actor;
beforeAll(async () => {
  host = await server.signUp({ role: 'HOST' });
});

async function followSchedule(): Promise<LiveStream> {
  const { videoEvents } = await server.guest.ask('{ videoEvents(first: 1) { feedCursor } }');
  return server.guest.subscribe('subscription($after: String) { scheduleFeed(after: $after) { __typename } }', {
    after: videoEvents.feedCursor,
  });
}
const kinds = async (stream: LiveStream, count: number): Promise<string[]> =>
  (await stream.has(count)).map(({ __typename }) => __typename);

test("the schedule tells a public event's whole life to a guest, drafts untold", async () => {
  const stream = await followSchedule();
  const eventId = await createEvent(host, 'DRAFT');
  await host.mutate('updateVideoEvent', { eventId, title: 'Untold' });
  await host.mutate('scheduleVideoEvent', { eventId });
  await host.mutate('updateVideoEvent', { eventId, title: 'Told' });
  for (const move of ['start', 'interrupt', 'resume', 'end']) await host.mutate(`${move}VideoEvent`, { eventId });
  const facts = ['Announced', 'Updated', 'WentLive', 'Interrupted', 'Resumed', 'Ended'];
  expect(await kinds(stream, 6)).toEqual(facts.map((fact) => `VideoEvent${fact}`));
  await stream.close();
});

test('an event that is public no more is withdrawn, and announced when it is again', async () => {
  const stream = await followSchedule();
  const eventId = await createEvent(host, 'SCHEDULED');
  await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
  await host.mutate('updateVideoEvent', { eventId, title: 'Secret' });
  await host.mutate('updateVideoEvent', { eventId, visibility: 'PUBLIC' });
  await host.mutate('cancelVideoEvent', { eventId });
  await host.mutate('deleteVideoEvent', { eventId });
  const facts = ['Announced', 'Withdrawn', 'Announced', 'Cancelled', 'Withdrawn'];
  expect(await kinds(stream, 5)).toEqual(facts.map((fact) => `VideoEvent${fact}`));
  await stream.close();
});

test('what was never announced leaves no trace', async () => {
  const stream = await followSchedule();
  for (const visibility of ['UNLISTED', 'PRIVATE']) await createEvent(host, 'ENDED', { visibility });
  await host.mutate('deleteVideoEvent', { eventId: await createEvent(host, 'DRAFT') });
  const eventId = await createEvent(host, 'DRAFT');
  await host.mutate('cancelVideoEvent', { eventId });
  await host.mutate('deleteVideoEvent', { eventId });
  await createEvent(host, 'SCHEDULED');
  expect(await kinds(stream, 1)).toEqual(['VideoEventAnnounced']);
  await stream.close();
});
