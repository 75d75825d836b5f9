import { beforeEach, describe, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { verifyLedger } from '../../src/rewards/verify.ts';
import { type Actor, createEvent, join, testPassword } from '../actor.ts';
import { useServer } from '../harness.ts';
import { openPoll, vote } from '../polls/poll.ts';
import { until } from '../wait.ts';
import { createRule, earnedBy, pointsOf, setScene } from './rule.ts';

const server = useServer();
let host: Actor;
let otherHost: Actor;
let ada: Actor;
let bob: Actor;
let carol: Actor;
let eventId: string;
beforeEach(async () => {
  ({ host, otherHost, ada, bob, carol, eventId } = await setScene(server));
});

const say = (by: Actor, text = 'Hello', input: object = {}) => by.mutate('sendMessage', { eventId, text, ...input });
const said = async (by: Actor, times: number): Promise<void> => {
  const answers = await Promise.all(Array.from({ length: times }, (_, n) => say(by, `Hello ${n}`)));
  expect(answers.filter(({ code }) => code !== undefined)).toEqual([]);
};
const ask = async (by: Actor): Promise<string> =>
  (await by.mutate('askQuestion', { eventId, text: 'Why?' }, 'question { id }')).question.id;

/** What refuses a message as a whole, with all that comes of it; null: nothing. */
const refusalOfMessage = (by: Actor) =>
  by.refusal('mutation($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }', {
    input: { eventId, text: 'Hello' },
  });

/** While no line of so many points can be written into the ledger. */
async function withoutLedgerLines(points: number, body: () => Promise<void>): Promise<void> {
  const { db } = server.app;
  await db.$executeRawUnsafe(`ALTER TABLE "Reward" ADD CONSTRAINT none CHECK (points <> ${points}) NOT VALID`);
  try {
    await body();
  } finally {
    await db.$executeRaw`ALTER TABLE "Reward" DROP CONSTRAINT none`;
  }
}

describe('a rule pays', () => {
  test('for a message, into the wallet with the host, and the user hears of it', async () => {
    const { feedCursor } = (await ada.ask('{ viewer { feedCursor } }')).viewer;
    const feed = ada.subscribe(
      `subscription($after: String) { myFeed(after: $after) {
        __typename ... on PointsChanged { hostId eventId kind points rewardReason balance } } }`,
      { after: feedCursor },
    );
    await createRule(host);
    await say(ada);
    expect(await feed.next()).toEqual({
      __typename: 'PointsChanged',
      hostId: host.id,
      eventId,
      kind: 'EARNED',
      points: 5,
      rewardReason: 'For talking',
      balance: 5,
    });
    await feed.close();
    const { viewer } = await ada.ask(
      '{ viewer { rewards(first: 2) { edges { node { kind points reason actor { id } wallet { host { id } } } } } } }',
    );
    expect(viewer.rewards.edges.map(({ node }: { node: unknown }) => node)).toEqual([
      { kind: 'EARNED', points: 5, reason: 'For talking', actor: null, wallet: { host: { id: host.id } } },
    ]);
  });

  test('for each of many messages at once', async () => {
    await createRule(host);
    await Promise.all([said(ada, 20), said(bob, 20)]);
    expect([await pointsOf(server, ada), await pointsOf(server, bob)]).toEqual([100, 100]);
    expect((await verifyLedger(server.app.db)).differences).toEqual([]);
  });

  test('for a reaction, however many taps it has', async () => {
    await createRule(host, { title: 'Applause', trigger: 'REACTION', points: 2 });
    await ada.mutate('react', { eventId, emoji: '👏', count: 10 });
    await ada.mutate('react', { eventId, emoji: '👏' });
    expect(await earnedBy(server, ada)).toEqual([
      [2, 'Applause'],
      [2, 'Applause'],
    ]);
  });

  test('for a question, and again for its answer', async () => {
    await createRule(host, { title: 'Asked', trigger: 'QUESTION_ASKED', points: 1 });
    await createRule(host, { title: 'Answered', trigger: 'QUESTION_ANSWERED', points: 10 });
    const questionId = await ask(ada);
    expect(await earnedBy(server, ada)).toEqual([[1, 'Asked']]);
    expect((await host.mutate('answerQuestion', { questionId, answer: 'Because.' })).code).toBeUndefined();
    expect(await earnedBy(server, ada)).toEqual([
      [1, 'Asked'],
      [10, 'Answered'],
    ]);
  });

  test('for joining, by the chat, too', async () => {
    await createRule(host, { title: 'Welcome', trigger: 'JOIN', points: 3 });
    await createRule(host);
    await host.mutate('updateChatSettings', { eventId, participantsOnly: false });
    await join(otherHost, eventId);
    await say(carol);
    expect(await earnedBy(server, otherHost)).toEqual([[3, 'Welcome']]);
    expect((await earnedBy(server, carol)).sort()).toEqual([
      [3, 'Welcome'],
      [5, 'For talking'],
    ]);
    expect(await pointsOf(server, ada)).toBe(0);
  });

  test('for an engagement of the type it names, and no other', async () => {
    await createRule(host, { title: 'A quiz', trigger: 'CUSTOM', engagementType: 'quiz.won', points: 50 });
    for (const engagementType of ['quiz.won', 'quiz.lost'])
      await ada.mutate('logEngagement', { eventId, engagementType });
    expect(await earnedBy(server, ada)).toEqual([[50, 'A quiz']]);
  });

  test('for a vote', async () => {
    await createRule(host, { title: 'A vote', trigger: 'VOTE', points: 4 });
    await vote(ada, await openPoll(host, eventId), [0]);
    expect(await earnedBy(server, ada)).toEqual([[4, 'A vote']]);
  });

  test('what another rule pays for the same, too', async () => {
    await createRule(host);
    await createRule(host, { title: 'The first one', points: 100, maxPerEvent: 1 });
    await said(ada, 3);
    expect((await earnedBy(server, ada)).map(([points]) => points).sort((a, b) => a - b)).toEqual([5, 5, 5, 100]);
  });

  test('in its event in place of the host’s for the same', async () => {
    await createRule(host);
    await createRule(host, { title: 'Here', eventId, points: 1 });
    await createRule(host, { title: 'Applause', trigger: 'REACTION', points: 2 });
    await say(ada);
    await ada.mutate('react', { eventId, emoji: '👏' });
    expect(await earnedBy(server, ada)).toEqual([
      [1, 'Here'],
      [2, 'Applause'],
    ]);
    const elsewhere = await createEvent(host, 'LIVE');
    await join(ada, elsewhere);
    await say(ada, 'Hello', { eventId: elsewhere });
    expect((await earnedBy(server, ada)).at(-1)).toEqual([5, 'For talking']);
  });
});

describe('a rule does not pay', () => {
  test('within its cooldown, and then again', async () => {
    await createRule(host, { cooldownSeconds: 60 });
    await createRule(host, { title: 'Now and then', points: 1, cooldownSeconds: 1 });
    const began = performance.now();
    const payments = async () => (await earnedBy(server, ada)).filter(([points]) => points === 1).length;
    await said(ada, 10);
    expect(await payments()).toBe(1);
    await until(() => said(ada, 1).then(async () => (await payments()) >= 3), { what: 'the third payment' });
    expect(performance.now() - began).toBeGreaterThan(2000);
    expect(await pointsOf(server, ada)).toBe(5 + 3);
  });

  test('less for what was rolled back: nobody is in a cooldown after that, and no time is counted', async () => {
    await createRule(host, { cooldownSeconds: 60 });
    await createRule(host, { title: 'At first', maxPerEvent: 1, points: 8 });
    await withoutLedgerLines(5, async () => expect(await refusalOfMessage(ada)).toBe('INTERNAL'));
    await said(ada, 2);
    expect(await earnedBy(server, ada)).toEqual([
      [8, 'At first'],
      [5, 'For talking'],
    ]);
  });

  test('more often than its maximum, in an event', async () => {
    await createRule(host, { maxPerEvent: 3 });
    await say(ada);
    await said(ada, 10);
    expect(await pointsOf(server, ada)).toBe(15);
    const elsewhere = await createEvent(host, 'LIVE');
    await join(ada, elsewhere);
    await say(ada, 'Hello', { eventId: elsewhere });
    expect(await pointsOf(server, ada)).toBe(20);
  });

  test('more, once its maximum was lowered', async () => {
    const ruleId = await createRule(host, { maxPerEvent: 5 });
    await said(ada, 3);
    await host.mutate('updateRewardRule', { ruleId, maxPerEvent: 2 });
    await said(ada, 3);
    expect(await pointsOf(server, ada)).toBe(15);
    await host.mutate('updateRewardRule', { ruleId, maxPerEvent: 4 });
    await said(ada, 3);
    expect(await pointsOf(server, ada)).toBe(20);
  });

  test('before and after it is active, nor once it is archived', async () => {
    await createRule(host, { activeFrom: '2090-01-01T00:00:00Z' });
    await createRule(host, { activeTo: '2020-01-01T00:00:00Z' });
    const ruleId = await createRule(host);
    await say(ada);
    await host.mutate('archiveRewardRule', { ruleId });
    await say(ada);
    expect(await earnedBy(server, ada)).toEqual([[5, 'For talking']]);
  });

  test('in events of other hosts', async () => {
    await createRule(otherHost);
    await say(ada);
    expect(await pointsOf(server, ada)).toBe(0);
  });

  test('for what was refused, and to whom the event is closed', async () => {
    await createRule(host);
    await host.mutate('updateChatSettings', { eventId, blockedWords: ['unspeakable'], slowModeSeconds: 60 });
    await say(ada, 'unspeakable');
    const twice = await Promise.all([say(ada), say(ada)]);
    expect(twice.map(({ code }) => code ?? 'ok').sort()).toEqual(['SLOW_MODE', 'ok']);
    await host.mutate('banUser', { eventId, userId: bob.id, reason: 'spam' });
    expect((await say(bob)).code).toBe('SANCTIONED');
    expect([await pointsOf(server, ada), await pointsOf(server, bob)]).toEqual([5, 0]);
  });

  test('the answer to somebody who was banned, or deleted their account, meanwhile', async () => {
    await createRule(host, { trigger: 'QUESTION_ANSWERED' });
    const [ofAda, ofBob] = [await ask(ada), await ask(bob)];
    await host.mutate('banUser', { eventId, userId: ada.id, reason: 'spam' });
    await bob.mutate('deleteAccount', { password: testPassword });
    for (const questionId of [ofAda, ofBob])
      expect((await host.mutate('answerQuestion', { questionId })).code).toBeUndefined();
    expect([await pointsOf(server, ada), await pointsOf(server, bob)]).toEqual([0, 0]);
  });

  test('without the engagement: both fail together', async () => {
    await createRule(host);
    const engagements = () => server.app.db.engagementLog.count({ where: { eventId: decodeGlobalId(eventId).id } });
    const before = await engagements();
    await withoutLedgerLines(5, async () => expect(await refusalOfMessage(ada)).toBe('INTERNAL'));
    expect([await engagements(), await pointsOf(server, ada)]).toEqual([before, 0]);
    await say(ada);
    expect([await engagements(), await pointsOf(server, ada)]).toEqual([before + 1, 5]);
  });
});
