import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { verifyLedger } from '../../src/rewards/verify.ts';
import { type Actor, createEvent, join } from '../actor.ts';
import { startInstance, useServer } from '../harness.ts';
import { openPoll, vote } from '../polls/poll.ts';
import { createRule, earnedBy, pointsOf, setScene } from './rule.ts';

const server = useServer();
let other: App;
let host: Actor;
let ada: Actor;
let bob: Actor;
let carol: Actor;
let eventId: string;
beforeAll(async () => {
  other = await startInstance({ databaseUrl: server.databaseUrl });
});
afterAll(() => other.drain(2000));
beforeEach(async () => {
  ({ host, ada, bob, carol, eventId } = await setScene(server));
});

const say = (by: Actor, input: object = {}) => by.mutate('sendMessage', { eventId, text: 'Hello', ...input });
const ask = async (by: Actor, input: object = {}): Promise<string> =>
  (await by.mutate('askQuestion', { eventId, text: 'Why?', ...input }, 'question { id }')).question.id;
const twentyTimes = <T>(body: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: 20 }, (_, n) => body(n)));
/** Now by way of one instance, now by way of the other. */
const somewhere = (who: Actor, n: number): Actor => who.at(n % 2 === 0 ? server.url : other.url);

describe('nobody gains by', () => {
  test('sending the same again under its key, whatever it is, at once and on another instance', async () => {
    for (const trigger of ['MESSAGE', 'REACTION', 'VOTE', 'QUESTION_ASKED', 'JOIN'])
      await createRule(host, { title: trigger, trigger });
    await createRule(host, { title: 'CUSTOM', trigger: 'CUSTOM', engagementType: 'quiz.won' });
    const poll = await openPoll(host, eventId, { changeable: true });
    const idempotencyKey = 'again';
    const deeds: ((who: Actor) => Promise<unknown>)[] = [
      (who) => say(who, { idempotencyKey: `${idempotencyKey} message` }),
      (who) => who.mutate('react', { eventId, emoji: '👏', idempotencyKey: `${idempotencyKey} reaction` }),
      (who) => vote(who, poll, [0], { idempotencyKey: `${idempotencyKey} vote` }),
      (who) => ask(who, { idempotencyKey: `${idempotencyKey} question` }),
      (who) =>
        who.mutate('logEngagement', {
          eventId,
          engagementType: 'quiz.won',
          idempotencyKey: `${idempotencyKey} engagement`,
        }),
    ];
    await carol.mutate('joinVideoEvent', { eventId, idempotencyKey });
    for (const deed of deeds) await Promise.all([0, 1, 2, 3].map((n) => deed(somewhere(carol, n))));
    const reasons = (await earnedBy(server, carol)).map(([, reason]) => reason);
    expect(reasons.sort()).toEqual(['CUSTOM', 'JOIN', 'MESSAGE', 'QUESTION_ASKED', 'REACTION', 'VOTE']);
  });

  test('sending it again without a key, within the cooldown or beyond the maximum', async () => {
    await createRule(host, { title: 'Once a day', cooldownSeconds: 86_400, points: 3 });
    await createRule(host, { title: 'Twice', maxPerEvent: 2, points: 10 });
    await twentyTimes(() => say(ada));
    await twentyTimes(() => say(ada));
    expect((await earnedBy(server, ada)).map(([, reason]) => reason).sort()).toEqual(['Once a day', 'Twice', 'Twice']);
  });

  test('doing it on two instances at once', async () => {
    await createRule(host, { cooldownSeconds: 60 });
    await createRule(host, { title: 'Thrice', maxPerEvent: 3, points: 10 });
    await createRule(host, { title: 'Applause', trigger: 'REACTION', cooldownSeconds: 60, points: 100 });
    const people = [ada, bob];
    const deeds = await twentyTimes((n) =>
      Promise.all(
        people.flatMap((who) => [
          say(somewhere(who, n)),
          somewhere(who, n).mutate('react', { eventId, emoji: '👏', count: 10 }),
        ]),
      ),
    );
    expect(deeds.flat().filter(({ code }) => code !== undefined)).toEqual([]);
    for (const who of people) expect(await pointsOf(server, who)).toBe(135);
    expect((await verifyLedger(server.app.db)).differences).toEqual([]);
  });

  test('leaving and joining again, in whichever way', async () => {
    await createRule(host, { title: 'Welcome', trigger: 'JOIN' });
    await host.mutate('updateChatSettings', { eventId, participantsOnly: false });
    await twentyTimes((n) => join(somewhere(carol, n), eventId));
    for (const comesBack of [() => join(carol, eventId), () => say(carol), () => join(carol.at(other.url), eventId)]) {
      await carol.mutate('leaveVideoEvent', { eventId });
      await comesBack();
    }
    expect(await earnedBy(server, carol)).toEqual([[5, 'Welcome']]);
    // Ada joined before there was a rule: to come back is no joining.
    await ada.mutate('leaveVideoEvent', { eventId });
    await join(ada, eventId);
    expect(await earnedBy(server, ada)).toEqual([]);
  });

  test('changing a vote, or voting twenty times at once', async () => {
    await createRule(host, { title: 'A vote', trigger: 'VOTE' });
    const poll = await openPoll(host, eventId, { changeable: true });
    await twentyTimes((n) => vote(somewhere(ada, n), poll, [n % 3]));
    for (const place of [1, 2, 0]) await vote(ada, poll, [place]);
    expect(await earnedBy(server, ada)).toEqual([[5, 'A vote']]);
    // Another poll is another vote; one that takes no changes, too.
    const strict = await openPoll(host, eventId);
    await twentyTimes((n) => vote(somewhere(ada, n), strict, [n % 3]));
    expect(await pointsOf(server, ada)).toBe(10);
  });

  test('hosting the event: who pays earns nothing', async () => {
    for (const trigger of ['MESSAGE', 'REACTION', 'VOTE', 'QUESTION_ASKED', 'QUESTION_ANSWERED', 'JOIN'])
      await createRule(host, { title: trigger, trigger });
    await join(host, eventId);
    await say(host);
    await host.mutate('react', { eventId, emoji: '👏' });
    await vote(host, await openPoll(host, eventId), [0]);
    await host.mutate('answerQuestion', { questionId: await ask(host) });
    expect(await earnedBy(server, host)).toEqual([]);
    expect(await server.app.db.wallet.count({ where: { user: { username: host.signedIn.username } } })).toBe(0);
  });

  test('moderating the event, and answering what one asked oneself', async () => {
    await createRule(host, { title: 'Answered', trigger: 'QUESTION_ANSWERED' });
    await host.mutate('appointModerator', { eventId, userId: ada.id });
    const [own, ofBob] = [await ask(ada), await ask(bob)];
    for (const questionId of [own, ofBob]) await ada.mutate('answerQuestion', { questionId });
    expect(await earnedBy(server, ada)).toEqual([]);
    expect(await earnedBy(server, bob)).toEqual([[5, 'Answered']]);
  });

  test('having a question answered twice, by two at once', async () => {
    await createRule(host, { title: 'Answered', trigger: 'QUESTION_ANSWERED' });
    const questionId = await ask(ada);
    await twentyTimes((n) => somewhere(host, n).mutate('answerQuestion', { questionId }));
    expect(await earnedBy(server, ada)).toEqual([[5, 'Answered']]);
  });

  test('making rules in an event of somebody else', async () => {
    const { code } = await ada.mutate('createRewardRule', { eventId, title: 'Me', trigger: 'MESSAGE', points: 10_000 });
    expect(code).toBe('FORBIDDEN');
    const rival = await server.signUp({ role: 'HOST' });
    await createRule(rival, { points: 10_000 });
    await say(ada);
    expect(await earnedBy(server, ada)).toEqual([]);
  });

  test('taking part in nothing: a draft, an event that is over, a place that was left', async () => {
    await createRule(host);
    for (const status of ['DRAFT', 'ENDED', 'CANCELLED'] as const)
      await say(ada, { eventId: await createEvent(host, status) });
    await ada.mutate('leaveVideoEvent', { eventId });
    expect((await say(ada)).code).toBe('NOT_PARTICIPANT');
    expect((await say(carol)).code).toBe('NOT_PARTICIPANT');
    expect([await pointsOf(server, ada), await pointsOf(server, carol)]).toEqual([0, 0]);
  });

  test('telling another time: nothing that a client sends is one', async () => {
    await createRule(host, { trigger: 'CUSTOM', engagementType: 'quiz.won', cooldownSeconds: 60 });
    const times = ['1970-01-01T00:00:00Z', '2090-01-01T00:00:00Z', '2090-01-02T00:00:00Z'];
    for (const engagementTime of times) {
      const input = { eventId, engagementType: 'quiz.won', payload: { engagementTime, lastAt: engagementTime } };
      expect((await ada.mutate('logEngagement', input)).code).toBeUndefined();
      const document = 'mutation($input: LogEngagementInput!) { logEngagement(input: $input) { __typename } }';
      expect(await ada.refusal(document, { input: { ...input, engagementTime } })).toBe('BAD_REQUEST');
    }
    expect(await pointsOf(server, ada)).toBe(5);
  });
});
