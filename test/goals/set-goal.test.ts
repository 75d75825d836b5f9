import { beforeEach, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/global-id.ts';
import { createEvent } from '../actor.ts';
import { admin } from '../events/admin.ts';
import { useServer } from '../harness.ts';
import { cancelGoal, createGoal, type GoalStage, readGoal, rowsOfGoals, setGoal, setGoalStage } from './goal.ts';

const server = useServer();
let stage: GoalStage;
beforeEach(async () => {
  stage = await setGoalStage(server);
});

const levels = (...targets: number[]) => ({ levels: targets.map((target) => ({ target, points: 1 })) });

describe('createGoal', () => {
  test('sets a goal that everybody hears of and may read', async () => {
    const { host, eventId } = stage;
    const feed = await server.guest.follow(
      eventId,
      '... on GoalSet { goal { goalId title metric status progress levels { level target points } } }',
    );
    const { goal } = await createGoal(host, eventId);
    const steps = [
      { level: 1, target: 10, points: 5 },
      { level: 2, target: 20, points: 0 },
      { level: 3, target: 30, points: 7 },
    ];
    expect(goal).toEqual({
      id: goal.id,
      status: 'OPEN',
      progress: 0,
      levels: steps.map((step) => ({ ...step, reachedAt: null })),
    });
    expect(await feed.next()).toMatchObject({
      __typename: 'GoalSet',
      goal: { goalId: goal.id, title: 'Applause', metric: 'REACTIONS', status: 'OPEN', progress: 0, levels: steps },
    });
    await feed.close();
    const document = `query($id: ID!, $status: [GoalStatus!]) { videoEvent(id: $id) {
      goals(status: $status) { edges { node { id } } } } }`;
    const listed = async (status: string[] | null) =>
      (await server.guest.ask(document, { id: eventId, status })).videoEvent.goals.edges;
    expect([await listed(null), await listed(['OPEN']), await listed(['REACHED'])]).toEqual([
      [{ node: { id: goal.id } }],
      [{ node: { id: goal.id } }],
      [],
    ]);
  });

  test('with one idempotency key sets one', async () => {
    const { host, eventId } = stage;
    const answers = await Promise.all([1, 2, 3].map(() => createGoal(host, eventId, { idempotencyKey: 'once' })));
    expect(new Set(answers.map(({ goal }) => goal.id)).size).toBe(1);
    const other = await createGoal(host, eventId, { idempotencyKey: 'once', title: 'More applause' });
    expect(other.code).toBe('IDEMPOTENCY_CONFLICT');
  });

  test.each([
    [{ title: ' ' }],
    [{ title: 'x'.repeat(121) }],
    [levels()],
    [levels(1, 2, 3, 4, 5, 6)],
    [levels(0)],
    [levels(-1)],
    [levels(1_000_000_001)],
    [levels(2, 2)],
    [levels(2, 1)],
    [{ levels: [{ target: 1, points: -1 }] }],
    [{ levels: [{ target: 1, points: 10_001 }] }],
  ])('with %j is refused', async (input) => {
    const before = await rowsOfGoals(server);
    expect((await createGoal(stage.host, stage.eventId, input)).code).toBe('INVALID_INPUT');
    expect(await rowsOfGoals(server)).toEqual(before);
  });

  test('is for the host and admins, in an event that is not over, and for five open ones at most', async () => {
    const { host, moderator, ada, stranger, eventId } = stage;
    for (const by of [moderator, ada, stranger]) expect((await createGoal(by, eventId)).code).toBe('FORBIDDEN');
    for (const status of ['DRAFT', 'ENDED', 'CANCELLED'] as const) {
      const other = await createEvent(host, status);
      expect((await createGoal(host, other)).code).toBe('EVENT_NOT_OPEN');
      if (status === 'DRAFT') expect((await createGoal(ada, other)).code).toBe('NOT_FOUND');
    }
    expect((await createGoal(await admin(server), eventId)).code).toBeUndefined();
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => createGoal(host, eventId)));
    expect(answers.map(({ code }) => code ?? 'ok').sort()).toEqual(['INVALID_INPUT', 'ok', 'ok', 'ok', 'ok']);
  });
});

describe('cancelGoal', () => {
  test('calls a goal off, once, which everybody hears', async () => {
    const { host, eventId } = stage;
    const goalId = await setGoal(host, eventId);
    const feed = await server.guest.follow(eventId, '... on GoalClosed { goal { goalId status } }');
    const answers = await Promise.all([1, 2, 3].map(() => cancelGoal(host, goalId)));
    expect(answers.filter(({ code }) => code === 'GOAL_STATUS')).toHaveLength(2);
    expect(await feed.next()).toMatchObject({ __typename: 'GoalClosed', goal: { goalId, status: 'CANCELLED' } });
    await feed.close();
    expect(await readGoal(server.guest, goalId)).toMatchObject({ status: 'CANCELLED', closedAt: expect.any(String) });
    const document = `mutation($input: CancelGoalInput!) { cancelGoal(input: $input) { ... on GoalStatusError { goalStatus } } }`;
    expect((await host.ask(document, { input: { goalId } })).cancelGoal).toEqual({ goalStatus: 'CANCELLED' });
  });

  test('is for the host and admins', async () => {
    const { host, moderator, ada, stranger, eventId } = stage;
    const goalId = await setGoal(host, eventId);
    const gone = encodeGlobalId('Goal', '0190a0a0-0000-7000-8000-000000000000');
    const before = await rowsOfGoals(server);
    for (const by of [moderator, ada, stranger]) expect((await cancelGoal(by, goalId)).code).toBe('FORBIDDEN');
    expect((await cancelGoal(host, gone)).code).toBe('NOT_FOUND');
    expect(await rowsOfGoals(server)).toEqual(before);
    expect((await cancelGoal(await admin(server), goalId)).code).toBeUndefined();
  });
});
