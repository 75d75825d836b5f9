import { beforeAll, describe, expect, test } from 'vitest';
import { type Actor, createEvent } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import {
  balancesOf,
  cancel,
  lock,
  type MadePrediction,
  openPrediction,
  type PredictionStage,
  purse,
  rawId,
  resolve,
  rowsOfPredictions,
  setPredictionStage,
  settled,
  stake,
  totalsSelection,
} from './prediction.ts';

const server = useServer();
let stage: PredictionStage;
beforeAll(async () => {
  stage = await setPredictionStage(server);
});

const snapshot =
  'prediction { predictionId title status outcomes { outcomeId title } locksAt lockedAt settledAt winningOutcomeId }';
const items = `... on PredictionOpened { ${snapshot} } ... on PredictionLocked { ${snapshot} ${totalsSelection} }
  ... on PredictionResolved { ${snapshot} ${totalsSelection} } ... on PredictionCancelled { ${snapshot} }`;

const create = (by: Actor, input: object = {}) =>
  by.mutate('createPrediction', { eventId: stage.eventId, title: 'Who wins?', outcomes: ['Red', 'Green'], ...input });
const statusOf = async ({ id }: MadePrediction): Promise<string> =>
  (await server.guest.ask('query($id: ID!) { node(id: $id) { ... on Prediction { status } } }', { id })).node.status;

describe('a prediction', () => {
  test('is told to the whole event: its opening, its locking with the totals, and how it ended', async () => {
    const { host, moderator, ada, bob, eventId } = stage;
    const feed = await server.guest.follow(eventId, items);
    const prediction = await openPrediction(moderator, eventId);
    const [red, green, blue] = prediction.outcomes;
    const open = {
      predictionId: prediction.id,
      title: 'Who wins?',
      status: 'OPEN',
      outcomes: [
        { outcomeId: red, title: 'Red' },
        { outcomeId: green, title: 'Green' },
        { outcomeId: blue, title: 'Blue' },
      ],
      locksAt: null,
      lockedAt: null,
      settledAt: null,
      winningOutcomeId: null,
    };
    expect(await feed.next()).toMatchObject({ __typename: 'PredictionOpened', prediction: open });
    await stake(ada, prediction, 0, 10);
    await stake(bob, prediction, 1, 5);
    await lock(host, prediction);
    const locked = { ...open, status: 'LOCKED', lockedAt: expect.any(String) };
    const totals = {
      pot: 15,
      stakers: 2,
      outcomes: [
        { outcomeId: red, points: 10, stakers: 1 },
        { outcomeId: green, points: 5, stakers: 1 },
        { outcomeId: blue, points: 0, stakers: 0 },
      ],
    };
    expect(await feed.next()).toMatchObject({ __typename: 'PredictionLocked', prediction: locked, totals });
    await resolve(host, prediction, 2);
    const resolved = { ...locked, status: 'RESOLVED', settledAt: expect.any(String), winningOutcomeId: blue };
    expect(await feed.next()).toMatchObject({ __typename: 'PredictionResolved', prediction: resolved, totals });
    const other = await openPrediction(host, eventId);
    await cancel(moderator, other);
    expect(await feed.next()).toMatchObject({ __typename: 'PredictionOpened' });
    expect(await feed.next()).toMatchObject({
      __typename: 'PredictionCancelled',
      prediction: { predictionId: other.id, status: 'CANCELLED', winningOutcomeId: null },
    });
    await feed.close();
    await settled(server);
  });

  test('of many is listed, latest first, for everybody who sees the event', async () => {
    const { host } = stage;
    const eventId = await createEvent(host, 'LIVE');
    const first = await openPrediction(host, eventId);
    const second = await openPrediction(host, eventId);
    await lock(host, first);
    const document = `query($id: ID!, $status: [PredictionStatus!]) { videoEvent(id: $id) {
      predictions(status: $status) { edges { node { id } } } } }`;
    const listed = async (status: string[] | null, asked: Actor = server.guest) => {
      const { videoEvent } = await asked.ask(document, { id: eventId, status });
      return videoEvent.predictions.edges.map(({ node }: { node: { id: string } }) => node.id);
    };
    expect(await listed(null)).toEqual([second.id, first.id]);
    expect(await listed(['LOCKED'])).toEqual([first.id]);
    expect(await listed(['RESOLVED', 'OPEN'])).toEqual([second.id]);
  });

  test.each([
    [{ title: ' ' }],
    [{ title: 'x'.repeat(121) }],
    [{ outcomes: [] }],
    [{ outcomes: ['Only'] }],
    [{ outcomes: Array.from({ length: 11 }, (_, place) => `${place}`) }],
    [{ outcomes: ['Same', ' Same '] }],
    [{ outcomes: ['Red', ''] }],
    [{ outcomes: ['Red', 'x'.repeat(81)] }],
    [{ durationSeconds: 14 }],
    [{ durationSeconds: 86_401 }],
    [{ idempotencyKey: '' }],
  ])('with %j is refused', async (input) => {
    const before = await rowsOfPredictions(server);
    expect(await create(stage.host, input)).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await rowsOfPredictions(server)).toEqual(before);
  });

  test('is opened once with one idempotency key', async () => {
    const { host } = stage;
    const made = () => server.app.db.prediction.count();
    const before = await made();
    await Promise.all([1, 2, 3].map(() => create(host, { idempotencyKey: 'once' })));
    expect(await made()).toBe(before + 1);
    expect((await create(host, { idempotencyKey: 'once', title: 'Who loses?' })).code).toBe('IDEMPOTENCY_CONFLICT');
  });

  test.each(['DRAFT', 'ENDED', 'CANCELLED'] as const)('is not opened in an event that is %s', async (status) => {
    const eventId = await createEvent(stage.host, status);
    expect((await create(stage.host, { eventId })).code).toBe('EVENT_NOT_OPEN');
  });

  test('is one of ten open ones of its event at most', async () => {
    const eventId = await createEvent(stage.host, 'SCHEDULED');
    const answers = await Promise.all(Array.from({ length: 11 }, () => create(stage.host, { eventId })));
    expect(answers.map(({ code }) => code ?? 'ok').sort()).toEqual(['INVALID_INPUT', ...Array(10).fill('ok')]);
  });

  test('is moved on by the host and moderators only, in its order, and that is in the log of the event', async () => {
    const { host, moderator, ada, stranger, eventId } = stage;
    const prediction = await openPrediction(host, eventId);
    const other = await openPrediction(host, eventId);
    const before = await rowsOfPredictions(server);
    for (const by of [ada, stranger]) {
      expect((await create(by)).code).toBe('FORBIDDEN');
      for (const move of [lock, cancel]) expect((await move(by, prediction)).code).toBe('FORBIDDEN');
      expect((await resolve(by, prediction, 0)).code).toBe('FORBIDDEN');
    }
    const status = async (mutation: string, input: object) => {
      const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
      const document = `mutation($input: ${type}!) { result: ${mutation}(input: $input) {
        ... on PredictionStatusError { predictionStatus } } }`;
      return (await moderator.ask(document, { input })).result.predictionStatus;
    };
    const winner = { predictionId: prediction.id, outcomeId: prediction.outcomes[0] };
    expect(await status('resolvePrediction', winner)).toBe('OPEN');
    expect(await rowsOfPredictions(server)).toEqual(before);
    expect((await lock(moderator, prediction)).code).toBeUndefined();
    expect(await status('lockPrediction', { predictionId: prediction.id })).toBe('LOCKED');
    expect((await resolve(moderator, { ...prediction, outcomes: other.outcomes }, 0)).code).toBe('NOT_FOUND');
    expect((await resolve(moderator, prediction, 0)).code).toBeUndefined();
    for (const input of [winner, { ...winner, outcomeId: prediction.outcomes[1] }])
      expect(await status('resolvePrediction', input)).toBe('RESOLVED');
    expect(await status('cancelPrediction', { predictionId: prediction.id })).toBe('RESOLVED');
    expect((await cancel(host, other)).code).toBeUndefined();
    for (const move of ['cancelPrediction', 'lockPrediction'])
      expect(await status(move, { predictionId: other.id })).toBe('CANCELLED');
    const document = `query($id: ID!) { videoEvent(id: $id) { moderationLog(first: 5) { edges { node { kind predictionId actor { id } } } } } }`;
    const { videoEvent } = await host.ask(document, { id: eventId });
    expect(videoEvent.moderationLog.edges.map(({ node }: { node: unknown }) => node)).toEqual([
      { kind: 'PREDICTION_CANCELLED', predictionId: other.id, actor: { id: host.id } },
      { kind: 'PREDICTION_RESOLVED', predictionId: prediction.id, actor: { id: moderator.id } },
      { kind: 'PREDICTION_LOCKED', predictionId: prediction.id, actor: { id: moderator.id } },
      { kind: 'PREDICTION_OPENED', predictionId: other.id, actor: { id: host.id } },
      { kind: 'PREDICTION_OPENED', predictionId: prediction.id, actor: { id: host.id } },
    ]);
    await settled(server);
  });

  test('is neither resolved nor cancelled by a moderator who has staked on it', async () => {
    const { host, moderator, eventId } = stage;
    const prediction = await openPrediction(host, eventId);
    await stake(moderator, prediction, 0, 10);
    expect((await cancel(moderator, prediction)).code).toBe('FORBIDDEN');
    await lock(moderator, prediction);
    const before = await rowsOfPredictions(server);
    expect((await resolve(moderator, prediction, 0)).code).toBe('FORBIDDEN');
    expect(await rowsOfPredictions(server)).toEqual(before);
    expect((await cancel(host, prediction)).code).toBeUndefined();
    await settled(server);
    expect(await balancesOf(moderator)).toEqual([purse]);
  });

  test('is resolved once, of many who say how it ended at the same time', async () => {
    const { host, moderator, ada, eventId } = stage;
    const prediction = await openPrediction(host, eventId);
    const [before] = await balancesOf(ada);
    await stake(ada, prediction, 0, 10);
    await lock(host, prediction);
    const answers = await Promise.all(
      [host, moderator].flatMap((by) => [
        resolve(by, prediction, 0),
        resolve(by, prediction, 1),
        cancel(by, prediction),
      ]),
    );
    expect(answers.filter(({ code }) => code === 'PREDICTION_STATUS')).toHaveLength(5);
    await settled(server);
    expect(await balancesOf(ada)).toEqual([before]);
  });
});

describe('a prediction locks', () => {
  const job = (kind: string, { id }: MadePrediction) =>
    server.app.db.job.findUnique({ where: { kind_key: { kind, key: rawId(id) } } });
  const makeDue = (kind: string, { id }: MadePrediction) =>
    server.app.db.$executeRaw`UPDATE "Job" SET "runAt" = clock_timestamp() WHERE kind = ${kind} AND key = ${rawId(id)}`;

  test("by itself when its time is over, once, which is nobody's deed", async () => {
    const { host, eventId } = stage;
    const prediction = await openPrediction(host, eventId, { durationSeconds: 600 });
    const row = await server.app.db.prediction.findUniqueOrThrow({ where: { id: rawId(prediction.id) } });
    expect((await job('prediction.lock', prediction))?.runAt).toEqual(row.locksAt);
    await makeDue('prediction.lock', prediction);
    await until(async () => (await statusOf(prediction)) === 'LOCKED', { what: 'the prediction to lock' });
    const { db } = server.app;
    const subjectId = rawId(prediction.id);
    expect(await db.feedEntry.count({ where: { kind: 'PredictionLocked', subjectId } })).toBe(1);
    expect(await db.moderationAction.count({ where: { kind: 'PREDICTION_LOCKED', predictionId: subjectId } })).toBe(0);
    await cancel(host, prediction);
  });

  test('before it is resolved, where its time is over and nobody has locked it by then', async () => {
    const { host, eventId } = stage;
    const prediction = await openPrediction(host, eventId, { durationSeconds: 600 });
    const feed = await host.follow(eventId, items);
    await server.app.db
      .$executeRaw`UPDATE "Prediction" SET "locksAt" = clock_timestamp() WHERE id = ${rawId(prediction.id)}::uuid`;
    expect((await resolve(host, prediction, 0)).code).toBeUndefined();
    expect((await feed.has(2)).map(({ __typename }) => __typename)).toEqual(['PredictionLocked', 'PredictionResolved']);
    await feed.close();
  });

  test('before its event ends, and can be resolved afterwards', async () => {
    const { host, ada, eventId } = await setPredictionStage(server);
    const prediction = await openPrediction(host, eventId);
    await stake(ada, prediction, 0, 10);
    const feed = await host.follow(eventId, items);
    await host.mutate('endVideoEvent', { eventId });
    expect((await feed.has(2)).map(({ __typename }) => __typename)).toEqual(['PredictionLocked', 'VideoEventEnded']);
    expect((await resolve(host, prediction, 0)).code).toBeUndefined();
    await settled(server);
    expect(await balancesOf(ada)).toEqual([purse]);
    await feed.close();
  });

  test('and is cancelled where nobody resolves it within a day', async () => {
    const { host, bob, eventId } = stage;
    const prediction = await openPrediction(host, eventId);
    const [before] = await balancesOf(bob);
    await stake(bob, prediction, 0, 10);
    await lock(host, prediction);
    await makeDue('prediction.expire', prediction);
    await until(async () => (await statusOf(prediction)) === 'CANCELLED', { what: 'the prediction to be cancelled' });
    await settled(server);
    expect(await balancesOf(bob)).toEqual([before]);
  });

  test('no more where its event is cancelled: it is, too, and everybody has their stake back', async () => {
    const { host, ada, bob, eventId } = await setPredictionStage(server, { status: 'SCHEDULED' });
    const predictions = [await openPrediction(host, eventId), await openPrediction(host, eventId)];
    for (const prediction of predictions) {
      await stake(ada, prediction, 0, 10);
      await stake(bob, prediction, 1, 20);
    }
    const [first] = predictions;
    if (first !== undefined) await lock(host, first);
    const feed = await host.follow(eventId, items);
    await host.mutate('cancelVideoEvent', { eventId });
    expect((await feed.has(3)).map(({ __typename }) => __typename)).toEqual([
      'PredictionCancelled',
      'PredictionCancelled',
      'VideoEventCancelled',
    ]);
    await settled(server);
    expect(await balancesOf(ada, bob)).toEqual([purse, purse]);
    await feed.close();
  });
});
