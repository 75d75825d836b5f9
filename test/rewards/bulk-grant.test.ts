import { beforeEach, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { verifyLedger } from '../../src/rewards/verify.ts';
import { type Actor, createEvent, join } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

const server = useServer();
let host: Actor;
let people: Actor[];
let eventId: string;
beforeEach(async () => {
  host = await server.signUp({ role: 'HOST' });
  people = await Promise.all([1, 2, 3].map(() => server.signUp()));
  eventId = await createEvent(host, 'LIVE');
  for (const person of people) await join(person, eventId);
});

const grantAll = (by: Actor, input: object = {}) =>
  by.mutate('grantRewards', { eventId, points: 5, reason: 'for coming', ...input }, 'videoEvent { id }');

const settled = () =>
  until(async () => (await server.app.db.job.count({ where: { kind: 'reward.grant' } })) === 0, {
    what: 'every grant to be done',
  });

async function balances(): Promise<number[]> {
  return Promise.all(
    people.map(async (person) => {
      const { viewer } = await person.ask('{ viewer { wallets(first: 5) { edges { node { balance } } } } }');
      return viewer.wallets.edges[0]?.node.balance ?? 0;
    }),
  );
}

test('everybody who joined gets points once, the host none', async () => {
  await host.mutate('sendMessage', { eventId, text: 'the host is here, too' });
  expect((await grantAll(host)).__typename).toBe('GrantRewardsPayload');
  await settled();
  expect(await balances()).toEqual([5, 5, 5]);
  expect(await server.app.db.reward.count({ where: { userId: decodeGlobalId(host.id).id } })).toBe(0);
});

test('the filter says who: those who did something, watched for so long, are still here', async () => {
  const [ada, bob, cid] = people;
  if (ada === undefined || bob === undefined || cid === undefined) throw new Error('three people joined');
  await ada.mutate('sendMessage', { eventId, text: 'hello' });
  await bob.mutate('leaveVideoEvent', { eventId });
  await server.app.db.$executeRaw`
    INSERT INTO "Attendance" ("participantId", "eventId", "firstSeenAt", "lastSeenAt", "secondsWatched")
    SELECT id, "eventId", now(), now(), 60 FROM "Participant" WHERE "userId" = ${decodeGlobalId(cid.id).id}::uuid`;
  await grantAll(host, { points: 1, filter: { engagementType: 'MESSAGE' } });
  await grantAll(host, { points: 10, filter: { minSecondsWatched: 60 } });
  await grantAll(host, { points: 100, filter: { stillHere: true } });
  await grantAll(host, { points: 1000, filter: { engagementType: 'MESSAGE', minSecondsWatched: 60 } });
  await settled();
  expect(await balances()).toEqual([101, 0, 110]);
});

test('of a thousand participants each gets theirs once, though a batch is done twice', async () => {
  const id = decodeGlobalId(eventId).id;
  const { db } = server.app;
  await db.$executeRaw`
    WITH people AS (
      INSERT INTO "User" (id, username, email, password, "displayName")
      SELECT gen_random_uuid(), 'many_' || left(md5(${id} || n), 20), md5(${id} || n) || '@example.test', '', 'one of many'
      FROM generate_series(1, 1200) n RETURNING id)
    INSERT INTO "Participant" (id, "userId", "eventId") SELECT gen_random_uuid(), id, ${id}::uuid FROM people`;
  await grantAll(host);
  await settled();
  const [first] = await db.reward.findMany({ where: { eventId: id }, take: 1 });
  const grantId = first?.source.split(':')[1];
  const [task] = await db.$queryRaw<{ payload: unknown }[]>`
    SELECT jsonb_build_object('grantId', ${grantId}::text, 'eventId', ${id}::text, 'hostId', ${decodeGlobalId(host.id).id}::text,
      'actorId', ${decodeGlobalId(host.id).id}::text, 'points', 5, 'reason', 'for coming', 'engagementType', NULL,
      'minSecondsWatched', NULL, 'stillHere', false, 'joinedUntil', extract(epoch FROM now()) * 1000, 'after', NULL) AS payload`;
  await db.$executeRaw`
    INSERT INTO "Job" (id, kind, key, payload, "runAt", "createdAt")
    VALUES (gen_random_uuid(), 'reward.grant', 'again', ${JSON.stringify(task?.payload)}::jsonb, clock_timestamp(), clock_timestamp())`;
  await settled();
  expect(await db.reward.count({ where: { eventId: id } })).toBe(1203);
  const [{ paid } = { paid: 0 }] = await db.$queryRaw<{ paid: number }[]>`
    SELECT count(DISTINCT "userId")::int AS paid FROM "Reward" WHERE "eventId" = ${id}::uuid`;
  expect(paid).toBe(1203);
  expect((await verifyLedger(db)).differences).toEqual([]);
});

test('with one idempotency key it is done once', async () => {
  await grantAll(host, { idempotencyKey: 'once' });
  await grantAll(host, { idempotencyKey: 'once' });
  expect((await grantAll(host, { points: 6, idempotencyKey: 'once' })).code).toBe('IDEMPOTENCY_CONFLICT');
  await settled();
  expect(await balances()).toEqual([5, 5, 5]);
});

test('others than the host are refused, and nonsense', async () => {
  const [ada] = people;
  expect((await grantAll(ada ?? host)).code).toBe('FORBIDDEN');
  expect((await grantAll(host, { points: 0 })).code).toBe('INVALID_INPUT');
  expect((await grantAll(host, { reason: '' })).code).toBe('INVALID_INPUT');
  expect((await grantAll(host, { filter: { minSecondsWatched: -1 } })).code).toBe('INVALID_INPUT');
  const stranger = await server.signUp({ role: 'HOST' });
  const secret = await createEvent(stranger, 'DRAFT');
  expect((await grantAll(host, { eventId: secret })).code).toBe('NOT_FOUND');
  await settled();
  expect(await balances()).toEqual([0, 0, 0]);
});
