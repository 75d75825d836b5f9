import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { createWrite } from '../../src/feed/unit-of-work.ts';
import { decodeGlobalId } from '../../src/global-id.ts';
import { createPay } from '../../src/rewards/earn.ts';
import { createWatching } from '../../src/rewards/watched.ts';
import { type Actor, createEvent, join } from '../actor.ts';
import { startInstance, useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { createRule, earnedBy, pointsOf, setScene } from './rule.ts';

const server = useServer();
let other: App;
let host: Actor;
let ada: Actor;
let bob: Actor;
let eventId: string;
let streams: { close(): Promise<unknown> }[] = [];
beforeAll(async () => {
  other = await startInstance({ databaseUrl: server.databaseUrl });
  // The rounds are gone here, when a test says so.
  await server.app.db.job.updateMany({ where: { kind: 'reward.watch' }, data: { runAt: new Date('2090-01-01') } });
});
afterAll(() => other.drain(2000));
beforeEach(async () => {
  await Promise.all(streams.map((stream) => stream.close()));
  streams = [];
  ({ host, ada, bob, eventId } = await setScene(server));
});
afterAll(() => Promise.all(streams.map((stream) => stream.close())));

const raw = (id: string): string => decodeGlobalId(id).id;

/** Follows the event, and is present by then. */
async function watch(who: Actor, id = eventId): Promise<() => Promise<unknown>> {
  const { db } = server.app;
  const stream = await who.follow(id);
  streams.push(stream);
  const instanceOf = who.url;
  await until(
    () => db.presence.count({ where: { eventId: raw(id), participant: { userId: raw(who.id) } } }).then((n) => n > 0),
    { what: `somebody to be present at ${instanceOf}` },
  );
  return () => stream.close();
}

/** A round, as it is begun on one instance: `secondsAgo` after the one before. */
async function goRound(secondsAgo = 0): Promise<void> {
  const { db } = server.app;
  await db.$executeRaw`UPDATE "WatchedTime" SET "seenAt" = "seenAt" - make_interval(secs => ${secondsAgo}::int)`;
  await createWatching({ db, write: createWrite({ db, publish: () => {} }), pay: createPay() }).run();
}

/** So many minutes, in rounds of 30 s. */
async function minutesPass(minutes: number): Promise<void> {
  await goRound();
  for (let n = 0; n < minutes * 2; n++) await goRound(30);
}

const forMinutes = (input: object = {}) => ({ title: 'Watched', trigger: 'MINUTES_WATCHED', minutes: 2, ...input });

describe('minutes watched', () => {
  test('are paid by the whole stretch, to each who is present and not the host', async () => {
    await createRule(host, forMinutes());
    await join(host, eventId);
    for (const who of [ada, bob, host]) await watch(who);
    await minutesPass(1.5);
    expect(await earnedBy(server, ada)).toEqual([]);
    await goRound(30);
    await minutesPass(3.5);
    for (const who of [ada, bob])
      expect(await earnedBy(server, who)).toEqual([
        [5, 'Watched'],
        [5, 'Watched'],
      ]);
    expect(await earnedBy(server, host)).toEqual([]);
  });

  test('are counted by a round that comes by itself', async () => {
    await createRule(host, forMinutes({ minutes: 1 }));
    await watch(ada);
    const { db } = server.app;
    const begin = () => db.$executeRaw`UPDATE "Job" SET "runAt" = clock_timestamp() WHERE kind = 'reward.watch'`;
    const rows = () => db.watchedTime.findMany({ where: { eventId: raw(eventId) } });
    await begin();
    await until(async () => (await rows()).length === 1, { what: 'a round' });
    for (const seconds of [30, 60]) {
      await db.$executeRaw`UPDATE "WatchedTime" SET "seenAt" = "seenAt" - interval '30 s' WHERE "eventId" = ${raw(eventId)}::uuid`;
      await begin();
      await until(async () => ((await rows())[0]?.seconds ?? 0) >= seconds, { what: 'another round' });
    }
    expect(await earnedBy(server, ada)).toEqual([[5, 'Watched']]);
    await db.job.updateMany({ where: { kind: 'reward.watch' }, data: { runAt: new Date('2090-01-01') } });
  });

  test('count once, in however many tabs, on however many instances, in however many rounds at once', async () => {
    await createRule(host, forMinutes());
    for (const who of [ada, ada, ada.at(other.url), ada.at(other.url)]) await watch(who);
    await until(async () => (await server.app.db.presence.count({ where: { eventId: raw(eventId) } })) === 2, {
      what: 'both instances to know',
    });
    await goRound();
    for (let n = 0; n < 4; n++) await Promise.all([goRound(30), goRound(), goRound()]);
    expect(await earnedBy(server, ada)).toEqual([[5, 'Watched']]);
    const [row] = await server.app.db.watchedTime.findMany({ where: { eventId: raw(eventId) } });
    expect(row?.seconds).toBeLessThan(150);
  });

  test('are none of which nobody was seen: away, after a gap, in an event that is not live', async () => {
    await createRule(host, forMinutes({ minutes: 1 }));
    await watch(ada);
    await goRound();
    await goRound(3600);
    expect(await earnedBy(server, ada)).toEqual([]);
    await host.mutate('interruptVideoEvent', { eventId });
    for (let n = 0; n < 4; n++) await goRound(30);
    await host.mutate('resumeVideoEvent', { eventId });
    await goRound(3600);
    expect(await earnedBy(server, ada)).toEqual([]);
    await ada.mutate('leaveVideoEvent', { eventId });
    for (let n = 0; n < 4; n++) await goRound(30);
    await join(ada, eventId);
    expect(await earnedBy(server, ada)).toEqual([]);
    // Without anybody present time does not pass.
    for (let n = 0; n < 4; n++) await goRound(30);
    expect(await earnedBy(server, bob)).toEqual([]);
  });

  test('of an instance that died are not counted on', async () => {
    await createRule(host, forMinutes({ minutes: 1 }));
    const { db } = server.app;
    const instanceId = '0190a0a0-0000-7000-8000-000000000000';
    const participant = await db.participant.findFirstOrThrow({
      where: { userId: raw(ada.id), eventId: raw(eventId) },
    });
    await db.$executeRaw`
      INSERT INTO "Instance" VALUES (${instanceId}::uuid, clock_timestamp() + interval '30 s')`;
    const { id: participantId } = participant;
    await db.presence.create({ data: { participantId, eventId: raw(eventId), instanceId } });
    await goRound();
    await goRound(30);
    await db.$executeRaw`UPDATE "Instance" SET "expiresAt" = clock_timestamp() WHERE id = ${instanceId}::uuid`;
    for (let n = 0; n < 4; n++) await goRound(30);
    expect(await earnedBy(server, ada)).toEqual([]);
    expect((await db.watchedTime.findFirst({ where: { eventId: raw(eventId) } }))?.seconds).toBeLessThan(60);
  });

  test('go on from where they were when somebody comes back, leaving and joining included', async () => {
    await createRule(host, forMinutes());
    const close = await watch(ada);
    await minutesPass(1.5);
    await close();
    await ada.mutate('leaveVideoEvent', { eventId });
    await join(ada, eventId);
    await watch(ada);
    await goRound(3600);
    expect(await earnedBy(server, ada)).toEqual([]);
    await goRound(30);
    expect(await earnedBy(server, ada)).toEqual([[5, 'Watched']]);
  });

  test('count from when the rule pays on, and a rule of the event takes the host’s place', async () => {
    await createRule(host, forMinutes({ minutes: 1 }));
    await watch(ada);
    await minutesPass(1);
    await createRule(host, forMinutes({ minutes: 1, eventId, points: 100, maxPerEvent: 1 }));
    await goRound();
    await goRound(30);
    expect(await pointsOf(server, ada)).toBe(5);
    await minutesPass(3);
    expect(await pointsOf(server, ada)).toBe(105);
  });

  test('in two events of a host are paid in each', async () => {
    await createRule(host, forMinutes({ minutes: 1 }));
    const second = await createEvent(host, 'LIVE');
    await join(ada, second);
    await watch(ada);
    await watch(ada, second);
    await minutesPass(1);
    expect(await pointsOf(server, ada)).toBe(10);
  });
});
