import { beforeAll, describe, expect, test } from 'vitest';
import { useServer } from '../harness.ts';
import {
  balancesOf,
  cancel,
  lock,
  type MadePrediction,
  openPrediction,
  type PredictionStage,
  pay,
  purse,
  rawId,
  resolve,
  setPredictionStage,
  settled,
  stake,
  stakeOf,
} from './prediction.ts';

const server = useServer();
let stage: PredictionStage;
beforeAll(async () => {
  stage = await setPredictionStage(server);
});

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** What the ledger says that the prediction paid, by kind. */
const paidFor = ({ id }: MadePrediction) =>
  server.app.db.reward.groupBy({
    by: ['kind'],
    where: { source: { startsWith: `prediction:${rawId(id)}:` } },
    _count: true,
    _sum: { points: true },
    orderBy: { kind: 'asc' },
  });

describe('a prediction that is resolved', () => {
  test('shares the pot among those who were right, to each once, and tells each in their own feed', async () => {
    const { host, ada, bob, cid, eventId } = await setPredictionStage(server);
    const prediction = await openPrediction(host, eventId);
    await stake(ada, prediction, 1, 10);
    await stake(bob, prediction, 1, 20);
    await stake(cid, prediction, 0, 31);
    const { feedCursor } = (await bob.ask('{ viewer { feedCursor } }')).viewer;
    const own = bob.subscribe(
      'subscription($after: String) { myFeed(after: $after) { __typename ... on PointsChanged { kind points rewardReason balance eventId } } }',
      { after: feedCursor },
    );
    await lock(host, prediction);
    await resolve(host, prediction, 1);
    // 61 points: 20 and a third, 40 and two thirds.
    expect(await own.nextBut('RankChanged')).toEqual({
      __typename: 'PointsChanged',
      kind: 'WON',
      points: 41,
      rewardReason: 'Who wins?',
      balance: purse - 20 + 41,
      eventId,
    });
    await own.close();
    await settled(server);
    const balances = await balancesOf(ada, bob, cid);
    expect(balances).toEqual([purse - 10 + 20, purse - 20 + 41, purse - 31]);
    expect(sum(balances)).toBe(3 * purse);
    const stakes = await Promise.all([ada, bob, cid].map((staker) => stakeOf(staker, prediction)));
    expect(stakes.map(({ payout, paidAt }) => [payout, paidAt])).toEqual([
      [20, expect.any(String)],
      [41, expect.any(String)],
      [0, null],
    ]);
  });

  test('on what nobody staked on gives everybody their stake back', async () => {
    const { host, ada, bob, eventId } = stage;
    const before = await balancesOf(ada, bob);
    const prediction = await openPrediction(host, eventId);
    await stake(ada, prediction, 0, 10);
    await stake(bob, prediction, 1, 5);
    await lock(host, prediction);
    await resolve(host, prediction, 2);
    await settled(server);
    expect(await balancesOf(ada, bob)).toEqual(before);
    expect(await paidFor(prediction)).toEqual([{ kind: 'STAKE_RETURNED', _count: 2, _sum: { points: 15 } }]);
  });

  test('pays nobody, where nobody staked', async () => {
    const { host, eventId } = stage;
    const prediction = await openPrediction(host, eventId);
    await lock(host, prediction);
    expect((await resolve(host, prediction, 0)).code).toBeUndefined();
    await settled(server);
    expect(await paidFor(prediction)).toEqual([]);
  });

  test('with a pot beyond 32 bits pays it whole', async () => {
    const { host, ada, bob, eventId } = await setPredictionStage(server);
    const prediction = await openPrediction(host, eventId);
    await stake(ada, prediction, 0, 1);
    await pay(host, eventId, { to: bob, points: 1_000_000 });
    await stake(bob, prediction, 1, 1_000_000);
    // As if bob had staked five thousand times as much, and had had it.
    const { db } = server.app;
    const most = 5_000_000_000n;
    await db.$executeRaw`
      UPDATE "PredictionStake" SET points = ${most} WHERE "predictionId" = ${rawId(prediction.id)}::uuid AND points > 1`;
    await lock(host, prediction);
    await resolve(host, prediction, 0);
    await settled(server);
    expect(await balancesOf(ada)).toEqual([purse + Number(most)]);
    expect((await stakeOf(ada, prediction)).payout).toBe(1 + Number(most));
    expect(await paidFor(prediction)).toMatchObject([{ kind: 'WON', _count: 3 }]);
  });
});

test('a prediction that is cancelled gives everybody their stake back', async () => {
  const { host, moderator, ada, bob, eventId } = stage;
  const before = await balancesOf(ada, bob);
  for (const whenLocked of [false, true]) {
    const prediction = await openPrediction(host, eventId);
    await stake(ada, prediction, 0, 10);
    await stake(ada, prediction, 0, 3);
    await stake(bob, prediction, 1, 5);
    if (whenLocked) await lock(host, prediction);
    expect((await cancel(moderator, prediction)).code).toBeUndefined();
    await settled(server);
    expect(await balancesOf(ada, bob)).toEqual(before);
    expect(await stakeOf(ada, prediction)).toMatchObject({ points: 13, payout: 13, paidAt: expect.any(String) });
    expect(await paidFor(prediction)).toEqual([{ kind: 'STAKE_RETURNED', _count: 2, _sum: { points: 18 } }]);
  }
});

test('of a thousand winners each is paid once, though batches are done twice, and the points are what they were', async () => {
  const { host, ada, eventId } = await setPredictionStage(server);
  const prediction = await openPrediction(host, eventId);
  await stake(ada, prediction, 2, 50);
  const [id, event, right, { db }] = [
    rawId(prediction.id),
    rawId(eventId),
    rawId(prediction.outcomes[0] ?? ''),
    server.app,
  ];
  // They staked 1 to 7 points each, which came from wallets that were granted as much.
  await db.$executeRaw`
    WITH people AS (
      INSERT INTO "User" (id, username, email, password, "displayName")
      SELECT gen_random_uuid(), 'many_' || left(md5(${id} || n), 20), md5(${id} || n) || '@example.test', '', 'one of many'
      FROM generate_series(1, 1200) n RETURNING id
    ), joined AS (
      INSERT INTO "Participant" (id, "userId", "eventId")
      SELECT gen_random_uuid(), id, ${event}::uuid FROM people RETURNING id, "userId"
    )
    INSERT INTO "PredictionStake" ("predictionId", "eventId", "outcomeId", "userId", "participantId", points)
    SELECT ${id}::uuid, ${event}::uuid, ${right}::uuid, "userId", id, 1 + (row_number() OVER ())::int % 7 FROM joined`;
  const { _sum: all } = await db.predictionStake.aggregate({ where: { predictionId: id }, _sum: { points: true } });
  await lock(host, prediction);
  await resolve(host, prediction, 0);
  await settled(server);
  await db.$executeRaw`
    INSERT INTO "Job" (id, kind, key, payload, "runAt", "createdAt")
    VALUES (gen_random_uuid(), 'prediction.settle', 'again', jsonb_build_object('predictionId', ${id}::text, 'after', NULL), now(), now())`;
  await settled(server);
  const paid = await paidFor(prediction);
  expect(paid).toEqual([{ kind: 'WON', _count: 1200, _sum: { points: Number(all.points) } }]);
  expect(await db.predictionStake.count({ where: { predictionId: id, payout: { gt: 0 }, paidAt: null } })).toBe(0);
  // Nobody is marked as paid who was not, even where the mark is lost and it is done again.
  await db.$executeRaw`UPDATE "PredictionStake" SET "paidAt" = NULL WHERE "predictionId" = ${id}::uuid`;
  await db.$executeRaw`
    INSERT INTO "Job" (id, kind, key, payload, "runAt", "createdAt")
    VALUES (gen_random_uuid(), 'prediction.settle', 'once more', jsonb_build_object('predictionId', ${id}::text, 'after', NULL), now(), now())`;
  await settled(server);
  expect(await paidFor(prediction)).toEqual(paid);
});
