import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/global-id.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import {
  balanceOf,
  balancesOf,
  lock,
  type MadePrediction,
  openPrediction,
  type PredictionStage,
  pointsOn,
  purse,
  rawId,
  rowsOfPredictions,
  setPredictionStage,
  settled,
  stake,
  stakeOf,
} from './prediction.ts';

const server = useServer();
let stage: PredictionStage;
let prediction: MadePrediction;
beforeAll(async () => {
  stage = await setPredictionStage(server);
});
beforeEach(async () => {
  const { host, eventId } = stage;
  const { edges } = (
    await host.ask(
      'query($id: ID!) { videoEvent(id: $id) { predictions(status: [OPEN]) { edges { node { id } } } } }',
      {
        id: eventId,
      },
    )
  ).videoEvent.predictions;
  for (const { node } of edges) await host.mutate('cancelPrediction', { predictionId: node.id });
  await settled(server);
  prediction = await openPrediction(host, eventId);
});

describe('stakePoints', () => {
  test('takes points from the wallet, tells the staker alone whose they are, and is an engagement', async () => {
    const { host, ada, bob, eventId } = stage;
    const { feedCursor } = (await ada.ask('{ viewer { feedCursor } }')).viewer;
    const own = ada.subscribe(
      'subscription($after: String) { myFeed(after: $after) { __typename ... on PointsChanged { kind points rewardReason balance } } }',
      { after: feedCursor },
    );
    expect(await stake(ada, prediction, 1, 30)).toEqual({ __typename: 'StakePointsPayload' });
    expect(await own.nextBut('RankChanged')).toEqual({
      __typename: 'PointsChanged',
      kind: 'STAKED',
      points: -30,
      rewardReason: 'Who wins?',
      balance: purse - 30,
    });
    await own.close();
    expect(await stakeOf(ada, prediction)).toEqual({
      outcomeId: prediction.outcomes[1],
      points: 30,
      payout: null,
      paidAt: null,
      stakedAt: expect.any(String),
    });
    for (const other of [bob, host, server.guest]) expect(await stakeOf(other, prediction)).toBeNull();
    expect(await pointsOn(server.guest, prediction)).toEqual([0, 30, 0]);
    const document = `query($id: ID!) { videoEvent(id: $id) { engagements(first: 1) { edges { node {
      engagementType participant { user { id } } subject { id } } } } } }`;
    const { videoEvent } = await host.ask(document, { id: eventId });
    expect(videoEvent.engagements.edges).toEqual([
      {
        node: { engagementType: 'PREDICTION', participant: { user: { id: ada.id } }, subject: { id: prediction.id } },
      },
    ]);
  });

  test('again adds to the same outcome, and to no other', async () => {
    const { ada } = stage;
    await stake(ada, prediction, 0, 10);
    expect((await stake(ada, prediction, 0, 5)).code).toBeUndefined();
    const before = await rowsOfPredictions(server);
    expect(await stake(ada, prediction, 1, 5)).toMatchObject({
      __typename: 'AlreadyStakedError',
      code: 'ALREADY_STAKED',
    });
    expect(await rowsOfPredictions(server)).toEqual(before);
    expect(await stakeOf(ada, prediction)).toMatchObject({ outcomeId: prediction.outcomes[0], points: 15 });
    expect(await balanceOf(ada)).toBe(purse - 15);
  });

  test('with one idempotency key takes them once', async () => {
    const { ada } = stage;
    const answers = await Promise.all(
      [1, 2, 3].map(() => stake(ada, prediction, 0, 10, { idempotencyKey: `once ${prediction.id.slice(-20)}` })),
    );
    expect(answers.map(({ __typename }) => __typename)).toEqual(Array(3).fill('StakePointsPayload'));
    const other = await stake(ada, prediction, 0, 11, { idempotencyKey: `once ${prediction.id.slice(-20)}` });
    expect(other.code).toBe('IDEMPOTENCY_CONFLICT');
    expect(await balanceOf(ada)).toBe(purse - 10);
  });

  test('from many tabs at once spends no more than there is', async () => {
    const { ada } = stage;
    const answers = await Promise.all(Array.from({ length: 12 }, () => stake(ada, prediction, 2, 15)));
    expect(answers.filter(({ code }) => code === undefined)).toHaveLength(6);
    expect(answers.filter(({ code }) => code === 'INSUFFICIENT_POINTS')).toHaveLength(6);
    expect([await balanceOf(ada), (await stakeOf(ada, prediction)).points]).toEqual([10, 90]);
  });

  test('on two outcomes at once stays with one', async () => {
    const { ada } = stage;
    const answers = await Promise.all([0, 1, 0, 1].map((place) => stake(ada, prediction, place, 10)));
    expect(answers.filter(({ code }) => code === 'ALREADY_STAKED')).toHaveLength(2);
    expect((await pointsOn(ada, prediction)).toSorted((a, b) => a - b)).toEqual([0, 0, 20]);
  });

  test.each([0, -1, 1_000_001, 2_147_483_647])('of %d points is refused', async (points) => {
    const before = await rowsOfPredictions(server);
    expect((await stake(stage.ada, prediction, 0, points)).code).toBe('INVALID_INPUT');
    expect(await rowsOfPredictions(server)).toEqual(before);
  });

  test.each([1.5, 2 ** 31, -(2 ** 31) - 1, '5', null])('of %s points is no request', async (points) => {
    const before = await rowsOfPredictions(server);
    const document = `mutation($input: StakePointsInput!) { stakePoints(input: $input) { __typename } }`;
    const input = { predictionId: prediction.id, outcomeId: prediction.outcomes[0], points };
    expect((await stage.ada.post(document, { input })).errors).toHaveLength(1);
    expect(await rowsOfPredictions(server)).toEqual(before);
  });

  test('is refused to the host, to who has not joined, to who has too little, and on what is none of its outcomes', async () => {
    const { host, stranger, ada, eventId } = stage;
    const other = await openPrediction(host, eventId);
    const gone = encodeGlobalId('Prediction', '0190a0a0-0000-7000-8000-000000000000');
    const before = await rowsOfPredictions(server);
    expect((await stake(host, prediction, 0, 1)).code).toBe('FORBIDDEN');
    expect((await stake(stranger, prediction, 0, 1)).code).toBe('NOT_PARTICIPANT');
    expect((await stake(ada, prediction, 0, purse + 1)).code).toBe('INSUFFICIENT_POINTS');
    expect((await stake(ada, { ...prediction, outcomes: other.outcomes }, 0, 1)).code).toBe('NOT_FOUND');
    expect((await stake(ada, { ...prediction, id: gone }, 0, 1)).code).toBe('NOT_FOUND');
    expect(await rowsOfPredictions(server)).toEqual(before);
  });

  test('is refused to who was timed out', async () => {
    const { moderator, cid, eventId } = stage;
    await moderator.mutate('timeOutUser', { eventId, userId: cid.id, seconds: 60 });
    expect((await stake(cid, prediction, 0, 1)).code).toBe('SANCTIONED');
    await moderator.mutate('liftSanction', { eventId, userId: cid.id });
  });

  test('is refused once it is locked, and once its time is over, locked or not', async () => {
    const { host, ada, eventId } = stage;
    await lock(host, prediction);
    const timed = await openPrediction(host, eventId, { durationSeconds: 15 });
    // Nobody locks it: its task is not due.
    await server.app.db
      .$executeRaw`UPDATE "Prediction" SET "locksAt" = clock_timestamp() WHERE id = ${rawId(timed.id)}::uuid`;
    const before = await rowsOfPredictions(server);
    const document = `mutation($input: StakePointsInput!) { stakePoints(input: $input) {
      __typename ... on PredictionStatusError { predictionStatus } } }`;
    for (const { id, outcomes } of [prediction, timed]) {
      const input = { predictionId: id, outcomeId: outcomes[0], points: 1 };
      expect((await ada.ask(document, { input })).stakePoints).toEqual({
        __typename: 'PredictionStatusError',
        predictionStatus: 'LOCKED',
      });
    }
    expect(await rowsOfPredictions(server)).toEqual(before);
    expect(await balancesOf(ada)).toEqual([purse]);
  });

  test('is in the pulse, while it is open', async () => {
    const { host, ada, bob, eventId } = stage;
    const pulse = server.guest.subscribe(
      'subscription($id: ID!) { videoEventPulse(eventId: $id) { predictions { predictionId pot stakers outcomes { points } } } }',
      { id: eventId },
    );
    await pulse.has(1);
    await stake(ada, prediction, 0, 20);
    await stake(bob, prediction, 2, 5);
    const told = JSON.stringify([
      { predictionId: prediction.id, pot: 25, stakers: 2, outcomes: [{ points: 20 }, { points: 0 }, { points: 5 }] },
    ]);
    const latest = () => JSON.stringify(pulse.items.at(-1)?.predictions);
    await until(() => latest() === told, { what: 'the stakes in the pulse' });
    await lock(host, prediction);
    await until(() => latest() === '[]', { what: 'the pulse to be without the prediction' });
    await pulse.close();
    await host.mutate('cancelPrediction', { predictionId: prediction.id });
  });
});
