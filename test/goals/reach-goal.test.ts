import { beforeEach, describe, expect, test } from 'vitest';
import { type Actor, join } from '../actor.ts';
import { useServer } from '../harness.ts';
import type { LiveStream } from '../live-stream.ts';
import { until } from '../wait.ts';
import { applaud, attend, balanceOf, type GoalStage, paid, rawId, readGoal, setGoal, setGoalStage } from './goal.ts';

const server = useServer();
let stage: GoalStage;
beforeEach(async () => {
  stage = await setGoalStage(server);
});

const reached =
  '... on GoalReached { goalId title level target points } ... on GoalClosed { goal { status progress } }';
const kinds = ['GoalReached', 'GoalClosed', 'VideoEventEnded'];
const progressOf = async (goalId: string): Promise<number> => (await readGoal(server.guest, goalId)).progress;
const comesTo = (goalId: string, progress: number) =>
  until(async () => (await progressOf(goalId)) === progress, { what: `a progress of ${progress}` });
const closeAll = (streams: readonly LiveStream[]) => Promise.all(streams.map((stream) => stream.close()));
const points = async (...people: Actor[]): Promise<number[]> => Promise.all(people.map(balanceOf));

describe('a goal', () => {
  test('that is reached pays everybody who is present, once, and tells each in their own feed', async () => {
    const { host, ada, bob, moderator, eventId } = stage;
    const goalId = await setGoal(host, eventId);
    // The host watches, too, and is no participant.
    const present = await attend(host, eventId, [ada, moderator]);
    present.push(await host.follow(eventId));
    const feed = await server.guest.follow(eventId, reached, { kinds });
    const { feedCursor } = (await ada.ask('{ viewer { feedCursor } }')).viewer;
    const own = ada.subscribe(
      'subscription($after: String) { myFeed(after: $after) { __typename ... on PointsChanged { kind points rewardReason balance } } }',
      { after: feedCursor },
    );
    await applaud(bob, eventId, 12);
    const told = { __typename: 'GoalReached', goalId, title: 'Applause', level: 1, target: 10, points: 5 };
    expect(await feed.next()).toMatchObject(told);
    expect(await own.next()).toEqual({
      __typename: 'PointsChanged',
      kind: 'GOAL',
      points: 5,
      rewardReason: 'Applause',
      balance: 5,
    });
    await paid(server);
    expect(await points(ada, moderator, bob, host)).toEqual([5, 5, 0, 0]);
    expect(await readGoal(server.guest, goalId)).toMatchObject({
      status: 'OPEN',
      progress: 12,
      levels: [{ reachedAt: expect.any(String) }, { reachedAt: null }, { reachedAt: null }],
    });
    await closeAll([...present, feed, own]);
  });

  test('whose levels are passed together pays for each, and is over with the last', async () => {
    const { host, ada, bob, eventId } = stage;
    const present = await attend(host, eventId, [ada]);
    const feed = await server.guest.follow(eventId, reached, { kinds });
    const goalId = await setGoal(host, eventId);
    // At once, as many do: nobody counts in between.
    const row = { eventId: rawId(eventId), emoji: '👏', total: 31n };
    await server.app.db.reactionTally.create({ data: row });
    expect((await feed.has(3)).map(({ level, points }) => [level, points])).toEqual([
      [1, 5],
      [2, 0],
      [3, 7],
    ]);
    await paid(server);
    expect(await points(ada, bob)).toEqual([12, 0]);
    expect(await readGoal(server.guest, goalId)).toMatchObject({ status: 'REACHED', closedAt: expect.any(String) });
    await applaud(bob, eventId, 10);
    const { app } = server;
    expect(await app.db.feedEntry.count({ where: { kind: 'GoalReached', subjectId: rawId(goalId) } })).toBe(3);
    await closeAll([...present, feed]);
  });

  test('pays nobody twice: who leaves and comes again, who is there on many tabs, what is done again', async () => {
    const { host, ada, bob, eventId } = stage;
    const present = await attend(host, eventId, [ada]);
    present.push(await ada.follow(eventId), await ada.follow(eventId));
    const goalId = await setGoal(host, eventId, {
      levels: [
        { target: 5, points: 3 },
        { target: 9, points: 4 },
      ],
    });
    await applaud(bob, eventId, 5);
    await until(async () => (await balanceOf(ada)) === 3, { what: 'the points' });
    await ada.mutate('leaveVideoEvent', { eventId });
    await join(ada, eventId);
    const { db } = server.app;
    const task = { goalId: rawId(goalId), level: 1, userIds: [rawId(ada.id), rawId(bob.id)] };
    await db.$executeRaw`
      INSERT INTO "Job" (id, kind, key, payload, "runAt", "createdAt")
      VALUES (gen_random_uuid(), 'goal.pay', 'again', ${JSON.stringify(task)}::jsonb, now(), now())`;
    await paid(server);
    expect(await points(ada, bob)).toEqual([3, 3]);
    await closeAll(present);
  });

  test.each([
    ['REACTIONS', (by: Actor, eventId: string) => by.mutate('react', { eventId, emoji: '👏', count: 3 }), 3],
    ['MESSAGES', (by: Actor, eventId: string) => by.mutate('sendMessage', { eventId, text: 'Hello' }), 1],
    ['QUESTIONS', (by: Actor, eventId: string) => by.mutate('askQuestion', { eventId, text: 'Why?' }), 1],
  ] as const)('of %s counts what is done since it was set, and nothing else', async (metric, act, worth) => {
    const { host, ada, bob, eventId } = stage;
    await act(ada, eventId);
    const goalId = await setGoal(host, eventId, { metric });
    expect(await progressOf(goalId)).toBe(0);
    const others = { react: { emoji: '👏' }, sendMessage: { text: 'Hi' }, askQuestion: { text: 'When?' } };
    for (const [mutation, input] of Object.entries(others)) await bob.mutate(mutation, { eventId, ...input });
    await comesTo(goalId, 1);
    await act(ada, eventId);
    await comesTo(goalId, 1 + worth);
    // What is counted once and for all, and what is counted anew each time, come to the same.
    const { db } = server.app;
    await db.$executeRaw`
      UPDATE "EngagementLog" SET "engagementTime" = "engagementTime" - interval '2 minutes' WHERE "eventId" = ${rawId(eventId)}::uuid`;
    await db.$executeRaw`
      UPDATE "Goal" SET "countedUntil" = "countedUntil" - interval '2 minutes' WHERE id = ${rawId(goalId)}::uuid`;
    await act(bob, eventId);
    await comesTo(goalId, 1 + 2 * worth);
    await act(bob, eventId);
    await comesTo(goalId, 1 + 3 * worth);
  });

  test('of VOTES counts the votes', async () => {
    const { host, ada, bob, eventId } = stage;
    const goalId = await setGoal(host, eventId, { metric: 'VOTES' });
    const asked = { eventId, title: 'Which?', choices: ['This', 'That'] };
    const { poll } = await host.mutate('createPoll', asked, 'poll { id choices { id } }');
    await host.mutate('openPoll', { pollId: poll.id });
    for (const by of [ada, bob]) await by.mutate('vote', { pollId: poll.id, choiceIds: [poll.choices[0].id] });
    await comesTo(goalId, 2);
  });

  test('is in the pulse while it is open', async () => {
    const { host, bob, eventId } = stage;
    const pulse = server.guest.subscribe(
      'subscription($id: ID!) { videoEventPulse(eventId: $id) { goals { goalId progress } } }',
      { id: eventId },
    );
    const latest = () => JSON.stringify(pulse.items.at(-1)?.goals);
    const tells = (goals: object[]) => until(() => latest() === JSON.stringify(goals), { what: JSON.stringify(goals) });
    await tells([]);
    const goalId = await setGoal(host, eventId);
    await tells([{ goalId, progress: 0 }]);
    await applaud(bob, eventId, 4);
    await tells([{ goalId, progress: 4 }]);
    await host.mutate('cancelGoal', { goalId });
    await tells([]);
    await pulse.close();
  });

  test('is counted a last time when its event ends, and closes before that is told', async () => {
    const { host, ada, bob, eventId } = stage;
    const present = await attend(host, eventId, [ada]);
    const goalId = await setGoal(host, eventId);
    const feed = await host.follow(eventId, reached, { kinds });
    await applaud(bob, eventId, 11);
    await host.mutate('endVideoEvent', { eventId });
    expect((await feed.has(3)).map(({ __typename }) => __typename)).toEqual(kinds);
    expect(feed.items[1]).toMatchObject({ goal: { status: 'CLOSED', progress: 11 } });
    await paid(server);
    expect(await points(ada)).toEqual([5]);
    expect(await readGoal(server.guest, goalId)).toMatchObject({ status: 'CLOSED', progress: 11 });
    await closeAll([...present, feed]);
  });
});
