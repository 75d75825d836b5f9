import { beforeAll, describe, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { type Actor, createEvent, join } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

const server = useServer();
let host: Actor;
let people: Actor[];
let eventId: string;

const document = `query($id: ID!, $from: DateTime, $to: DateTime, $bucketSeconds: Int! = 60, $first: Int! = 10) { videoEvent(id: $id) {
  startedAt analytics(from: $from, to: $to, bucketSeconds: $bucketSeconds) {
    from to bucketSeconds uniqueParticipants messages peakViewers secondsWatched
    viewers { from average peak } engagements { from engagementType count } retention { from remaining share }
    topParticipants(first: $first) { profile { username } engagements } } } }`;
const read = async (actor: Actor, variables: object = {}) =>
  (await actor.ask(document, { id: eventId, ...variables })).videoEvent.analytics;

/** The show began 10 minutes ago; what is said happens so many seconds after that. */
async function moveBack(): Promise<void> {
  await server.app.db.$executeRaw`
    UPDATE "VideoEvent" SET "startedAt" = date_trunc('second', now()) - interval '10 min' WHERE id = ${decodeGlobalId(eventId).id}::uuid`;
}

async function says(actor: Actor, seconds: number): Promise<void> {
  const { sentMessage } = await actor.mutate('sendMessage', { eventId, text: 'hello' }, 'sentMessage { id }');
  await server.app.db.$executeRaw`
    UPDATE "EngagementLog" l SET "engagementTime" = e."startedAt" + make_interval(secs => ${seconds}::int)
    FROM "VideoEvent" e WHERE e.id = l."eventId" AND l."subjectId" = ${decodeGlobalId(sentMessage.id).id}::uuid`;
}

async function seen(actor: Actor, { from, to, watched }: { from: number; to: number; watched: number }): Promise<void> {
  await server.app.db.$executeRaw`
    INSERT INTO "Attendance" ("participantId", "eventId", "firstSeenAt", "lastSeenAt", "secondsWatched")
    SELECT p.id, e.id, e."startedAt" + make_interval(secs => ${from}::int), e."startedAt" + make_interval(secs => ${to}::int), ${watched}::int
    FROM "Participant" p JOIN "VideoEvent" e ON e.id = p."eventId"
    WHERE e.id = ${decodeGlobalId(eventId).id}::uuid AND p."userId" = ${decodeGlobalId(actor.id).id}::uuid`;
}

const sample = (seconds: number, viewers: number) => server.app.db.$executeRaw`
  INSERT INTO "ViewerSample" ("eventId", "sampledAt", viewers)
  SELECT id, "startedAt" + make_interval(secs => ${seconds}::int), ${viewers}::int FROM "VideoEvent"
  WHERE id = ${decodeGlobalId(eventId).id}::uuid`;

beforeAll(async () => {
  host = await server.signUp({ role: 'HOST' });
  people = await Promise.all([1, 2, 3].map(() => server.signUp()));
  eventId = await createEvent(host);
  for (const person of people) await join(person, eventId);
  await moveBack();
  const [ada, bob] = people;
  if (ada === undefined || bob === undefined) throw new Error('three people signed up');
  for (const seconds of [1, 59, 60, 130]) await says(ada, seconds);
  await says(bob, 61);
  for (const [seconds, viewers] of [
    [0, 1],
    [30, 3],
    [60, 4],
    [150, 2],
  ] as const)
    await sample(seconds, viewers);
  await seen(ada, { from: 0, to: 170, watched: 170 });
  await seen(bob, { from: 0, to: 59, watched: 59 });
});

describe('the host', () => {
  test('gets buckets of the length they ask for, and each thing in the one in which it happened', async () => {
    const { startedAt } = (await host.ask(document, { id: eventId })).videoEvent;
    const at = (seconds: number) => new Date(Date.parse(startedAt) + seconds * 1000).toISOString();
    const found = await read(host, { from: at(0), to: at(180) });
    expect(found).toMatchObject({ from: at(0), to: at(180), bucketSeconds: 60, messages: 5, peakViewers: 4 });
    expect(found.viewers).toEqual([
      { from: at(0), average: 2, peak: 3 },
      { from: at(60), average: 4, peak: 4 },
      { from: at(120), average: 2, peak: 2 },
    ]);
    expect(found.engagements).toEqual([
      { from: at(0), engagementType: 'MESSAGE', count: 2 },
      { from: at(60), engagementType: 'MESSAGE', count: 2 },
      { from: at(120), engagementType: 'MESSAGE', count: 1 },
    ]);
    expect(found.retention).toEqual([
      { from: at(0), remaining: 2, share: 1 },
      { from: at(60), remaining: 1, share: 0.5 },
      { from: at(120), remaining: 1, share: 0.5 },
    ]);
    expect(found.secondsWatched).toBe(229);
    expect(found.topParticipants).toEqual([
      { profile: { username: people[0]?.signedIn.username }, engagements: 4 },
      { profile: { username: people[1]?.signedIn.username }, engagements: 1 },
    ]);
    expect(found.uniqueParticipants).toBe(2);
    const finer = await read(host, { from: at(0), to: at(100), bucketSeconds: 30, first: 1 });
    expect(finer.viewers.map(({ peak }: { peak: number | null }) => peak)).toEqual([1, 3, 4, null]);
    expect(finer.topParticipants).toHaveLength(1);
  });

  test('gets the whole show without bounds, and nothing of an empty stretch', async () => {
    const whole = await read(host);
    expect(whole.messages).toBe(5);
    expect(whole.viewers.length).toBeGreaterThanOrEqual(10);
    const empty = await read(host, { from: whole.from, to: whole.from });
    expect(empty).toMatchObject({ viewers: [], engagements: [], retention: [], messages: 0, peakViewers: null });
  });

  test.each([
    {
      what: 'a stretch that ends before it begins',
      variables: { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' },
    },
    { what: 'buckets shorter than 10 seconds', variables: { bucketSeconds: 9 } },
    { what: 'buckets of no length', variables: { bucketSeconds: -60 } },
    { what: 'more buckets than 500', variables: { from: '2020-01-01T00:00:00Z' } },
    { what: 'nobody at the top', variables: { first: 0 } },
    { what: 'more at the top than 100', variables: { first: 101 } },
  ])('is refused $what', async ({ variables }) => {
    expect(await host.refusal(document, { id: eventId, ...variables })).toBe('INVALID_INPUT');
  });
});

test('others get null: a guest, a participant, a moderator, another host', async () => {
  const moderator = await server.signUp();
  await host.mutate('appointModerator', { eventId, userId: moderator.id });
  const others = [server.guest, people[0], moderator, await server.signUp({ role: 'HOST' })];
  for (const other of others) expect(other === undefined ? undefined : await read(other)).toBeNull();
});

test('who watches a show on air is counted by a round, and seen for as long as they stay', async () => {
  const live = await createEvent(host);
  const [ada] = people;
  if (ada === undefined) throw new Error('three people signed up');
  await join(ada, live);
  const stream = await ada.follow(live);
  const { db } = server.app;
  const { id } = decodeGlobalId(live);
  const goRound = () => db.$executeRaw`UPDATE "Job" SET "runAt" = clock_timestamp() WHERE kind = 'presence.sample'`;
  const attendance = () => db.attendance.findFirst({ where: { eventId: id } });
  await until(
    async () => {
      await goRound();
      return (await db.viewerSample.count({ where: { eventId: id, viewers: 1 } })) > 0;
    },
    { what: 'a sample with a viewer' },
  );
  // As if the last round had been 30 seconds ago.
  await db.$executeRaw`UPDATE "Attendance" SET "lastSeenAt" = clock_timestamp() - interval '30 s' WHERE "eventId" = ${id}::uuid`;
  const before = (await attendance())?.secondsWatched ?? 0;
  await goRound();
  const after = await until(
    async () => {
      const row = await attendance();
      return row !== null && row.secondsWatched > before ? row.secondsWatched : null;
    },
    { what: 'more time watched' },
  );
  expect(after - before).toBeGreaterThanOrEqual(30);
  expect(after - before).toBeLessThan(40);
  // Away for longer than the rounds are apart: that time was not watched.
  await db.$executeRaw`UPDATE "Attendance" SET "lastSeenAt" = clock_timestamp() - interval '10 min' WHERE "eventId" = ${id}::uuid`;
  const samples = await db.viewerSample.count({ where: { eventId: id } });
  await goRound();
  await until(async () => (await db.viewerSample.count({ where: { eventId: id } })) > samples, {
    what: 'another round',
  });
  expect((await attendance())?.secondsWatched).toBe(after);
  await stream.close();
});
