import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { join } from '../actor.ts';
import { rawId } from '../authorisation/hostile.ts';
import { createPeople } from '../authorisation/people.ts';
import { startInstance, useServer } from '../harness.ts';
import { falls, inMinutes, planned, remindersOf, setScene } from './scene.ts';

const server = useServer({ config: { databasePool: 10 } });

test('every participant and the host are reminded in their own feed, on whichever instance they are', async () => {
  const { host, ada, bob, cid, eventId } = await setScene(server);
  await cid.actor.mutate('leaveVideoEvent', { eventId });
  const second = await startInstance({ databaseUrl: server.databaseUrl });
  try {
    const document = `subscription($after: String) { myFeed(after: $after) { __typename
      ... on VideoEventReminded { eventId title scheduledAt minutesBefore } } }`;
    const { viewer } = await ada.actor.ask('{ viewer { feedCursor } }');
    const feed = ada.actor.at(second.url).subscribe(document, { after: viewer.feedCursor });
    await falls(server, eventId, 1440);
    const { videoEvent } = await ada.actor.ask('query($id: ID!) { videoEvent(id: $id) { scheduledAt } }', {
      id: eventId,
    });
    expect(await feed.next()).toEqual({
      __typename: 'VideoEventReminded',
      eventId,
      title: 'A show',
      scheduledAt: videoEvent.scheduledAt,
      minutesBefore: 1440,
    });
    await feed.close();
  } finally {
    await second.drain(2000);
  }
  for (const one of [ada, bob, host]) expect(await remindersOf(server, one, eventId)).toEqual([1440]);
  expect(await remindersOf(server, cid, eventId)).toEqual([]);
});

test('who joins after a reminder went gets the later ones', async () => {
  const { ada, cid, eventId } = await setScene(server);
  await cid.actor.mutate('leaveVideoEvent', { eventId });
  await falls(server, eventId, 1440);
  await join(cid.actor, eventId);
  await falls(server, eventId, 60);
  expect(await remindersOf(server, ada, eventId)).toEqual([1440, 60]);
  expect(await remindersOf(server, cid, eventId)).toEqual([60]);
});

test('what would be due in the past is not planned, and a draft plans nothing', async () => {
  const { host } = await setScene(server);
  const event = async (minutes: number, status: 'DRAFT' | 'SCHEDULED') => {
    const created = await host.actor.mutate(
      'createVideoEvent',
      { title: 'Soon', scheduledAt: inMinutes(minutes) },
      'videoEvent { id }',
    );
    const { id } = created.videoEvent;
    if (status === 'SCHEDULED') await host.actor.mutate('scheduleVideoEvent', { eventId: id });
    return (await planned(server, id)).map((reminder) => reminder.split(' ')[1]);
  };
  expect(await event(3000, 'SCHEDULED')).toEqual(['1440', '60', '5']);
  expect(await event(30, 'SCHEDULED')).toEqual(['5']);
  expect(await event(3, 'SCHEDULED')).toEqual([]);
  expect(await event(3000, 'DRAFT')).toEqual([]);
});

test('an event that moves to another time is reminded of at the new one only', async () => {
  const { host, ada, eventId } = await setScene(server, 3000);
  await host.actor.mutate('updateVideoEvent', { eventId, scheduledAt: inMinutes(4000) });
  const plan = await planned(server, eventId);
  expect(plan).toHaveLength(6);
  const [first = ''] = plan;
  const old = `${rawId(eventId)}:${first.split(' ')[0]}:1440`;
  const { db } = server.app;
  await db.$executeRaw`UPDATE "Job" SET "runAt" = clock_timestamp() WHERE key = ${old}`;
  await expect.poll(() => db.job.count({ where: { key: old } })).toBe(0);
  expect(await remindersOf(server, ada, eventId)).toEqual([]);
  await falls(server, eventId, 1440);
  expect(await remindersOf(server, ada, eventId)).toEqual([1440]);
});

test.each(['startVideoEvent', 'cancelVideoEvent'])('after %s nobody is reminded', async (mutation) => {
  const { host, ada, eventId } = await setScene(server);
  expect((await host.actor.mutate(mutation, { eventId })).code).toBeUndefined();
  for (const minutes of [1440, 60, 5]) await falls(server, eventId, minutes);
  expect(await remindersOf(server, ada, eventId)).toEqual([]);
});

test('a reminder that comes after the next one is due is left out', async () => {
  const { ada, eventId } = await setScene(server);
  const { db } = server.app;
  // As if no instance had run for two days.
  const late = new Date(Date.now() + 30 * 60_000);
  await db.videoEvent.update({ where: { id: rawId(eventId) }, data: { scheduledAt: late } });
  await db.$executeRaw`
    UPDATE "Job" SET payload = jsonb_set(payload, '{scheduledAt}', to_jsonb(${late.toISOString()}::text))
    WHERE kind = 'event.remind' AND key LIKE ${`${rawId(eventId)}:%`}`;
  await falls(server, eventId, 1440);
  expect(await remindersOf(server, ada, eventId)).toEqual([]);
  await falls(server, eventId, 60);
  expect(await remindersOf(server, ada, eventId)).toEqual([60]);
});

test('who wants no reminders, or none of this event, gets none', async () => {
  const { host, ada, bob, cid, eventId } = await setScene(server);
  const other = await setScene(server);
  await join(bob.actor, other.eventId);
  await ada.actor.mutate('updateProfile', { remindersOn: false });
  await bob.actor.mutate('muteReminders', { eventId, muted: true });
  await host.actor.mutate('muteReminders', { eventId, muted: true });
  await cid.actor.mutate('muteReminders', { eventId, muted: true });
  await cid.actor.mutate('muteReminders', { eventId, muted: false });
  await falls(server, eventId, 60);
  await falls(server, other.eventId, 60);
  for (const one of [ada, bob, host]) expect(await remindersOf(server, one, eventId)).toEqual([]);
  expect(await remindersOf(server, cid, eventId)).toEqual([60]);
  expect(await remindersOf(server, bob, other.eventId)).toEqual([60]);
});

test('a large audience is reminded in batches, everybody once, while two instances work', async () => {
  const { host, ada, bob, eventId } = await setScene(server);
  const { db } = server.app;
  const ids = Array.from({ length: 1203 }, () => randomUUID());
  await db.user.createMany({
    data: ids.map((id, n) => ({
      id,
      username: `u${id.replaceAll('-', '').slice(0, 20)}`,
      email: `${id}@example.test`,
      password: '$argon2id$nobody knows it',
      displayName: 'Somebody',
      remindersOn: n % 10 !== 0,
    })),
  });
  // Many of them at the same moment.
  await db.participant.createMany({
    data: ids.map((userId, n) => ({
      userId,
      eventId: rawId(eventId),
      joinedAt: new Date(Date.now() - 60_000 + (n % 7)),
    })),
  });
  const second = await startInstance({ databaseUrl: server.databaseUrl });
  try {
    await falls(server, eventId, 5);
  } finally {
    await second.drain(2000);
  }
  const [told] = await db.$queryRaw<{ entries: number; feeds: number; unwilling: number }[]>`
    SELECT count(*)::int AS entries, count(DISTINCT e.feed)::int AS feeds,
      (count(*) FILTER (WHERE NOT u."remindersOn"))::int AS unwilling
    FROM "FeedEntry" e JOIN "User" u ON e.feed = 'user:' || u.id
    WHERE e.kind = 'VideoEventReminded' AND e."subjectId" = ${rawId(eventId)}::uuid`;
  const willing = ids.filter((_, n) => n % 10 !== 0).length;
  // And the three who came with the event, and the host.
  expect(told).toEqual({ entries: willing + 4, feeds: willing + 4, unwilling: 0 });
  for (const one of [ada, bob, host]) expect(await remindersOf(server, one, eventId)).toEqual([5]);
});

test('a host who joined is reminded once', async () => {
  const { host, eventId } = await setScene(server);
  await join(host.actor, eventId);
  await falls(server, eventId, 60);
  expect(await remindersOf(server, host, eventId)).toEqual([60]);
  const { stranger } = await createPeople(server, { stranger: 'PARTICIPANT' });
  expect(await remindersOf(server, stranger, eventId)).toEqual([]);
});

test('an upgrade plans the reminders of what was scheduled before it', async () => {
  const { eventId } = await setScene(server);
  const { db } = server.app;
  const jobs = () =>
    db.job.findMany({
      where: { kind: 'event.remind', key: { startsWith: rawId(eventId) } },
      orderBy: { runAt: 'asc' },
      select: { key: true, payload: true, runAt: true },
    });
  const before = await jobs();
  expect(before).toHaveLength(3);
  await db.job.deleteMany({ where: { kind: 'event.remind' } });
  const migration = await readFile('prisma/migrations/20261122165000_reminders/migration.sql', 'utf8');
  await db.$executeRawUnsafe(migration.slice(migration.indexOf('INSERT INTO "Job"')));
  expect(await jobs()).toEqual(before);
});
