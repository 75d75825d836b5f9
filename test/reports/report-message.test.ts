import { describe, expect, test } from 'vitest';
import { testPassword } from '../actor.ts';
import { rowsOf } from '../authorisation/rows.ts';
import { setChat } from '../chat/chat-stage.ts';
import { startInstance, useServer } from '../harness.ts';
import { queueOf } from './queue.ts';

const server = useServer();
const fact = '... on MessageReported { messageId reporter { userId username } reportReason reportCount }';

async function reported() {
  const chat = await setChat(server);
  const { sentMessage } = await chat.say(chat.ada, 'something rude');
  const messageId: string = sentMessage.id;
  return {
    ...chat,
    messageId,
    report: (by: typeof chat.bob, reason = 'rude', more: object = {}) =>
      by.mutate('reportMessage', { messageId, reason, ...more }, 'messageId'),
  };
}

describe('reportMessage', () => {
  test('puts the message in the queue; moderators hear of it on every instance, others do not', async () => {
    const { eventId, host, moderator, ada, bob, messageId, report } = await reported();
    const elsewhere = await startInstance({ databaseUrl: server.databaseUrl });
    const kinds = ['MessageReported', 'MessageSent'];
    const there = await moderator.at(elsewhere.url).follow(eventId, fact, { kinds });
    const others = await ada.follow(eventId, fact, { kinds });

    expect(await report(bob, ' It is rude ')).toEqual({ __typename: 'ReportMessagePayload', messageId });
    expect(await report(moderator, 'so it is')).toMatchObject({ messageId });
    expect(await there.has(2)).toMatchObject([
      {
        __typename: 'MessageReported',
        messageId,
        reporter: { userId: bob.id },
        reportReason: 'It is rude',
        reportCount: 1,
      },
      { __typename: 'MessageReported', messageId, reporter: { userId: moderator.id }, reportCount: 2 },
    ]);
    await host.mutate('sendMessage', { eventId, text: 'calm down' });
    expect(await others.next()).toMatchObject({ __typename: 'MessageSent' });

    expect(await queueOf(host, eventId, 'OPEN')).toEqual([
      {
        message: { id: messageId, text: 'something rude', author: { userId: ada.id } },
        status: 'OPEN',
        reportCount: 2,
        resolution: null,
        resolutionReason: null,
        resolvedBy: null,
        reports: {
          edges: [
            { node: { reason: 'It is rude', reporter: { id: bob.id } } },
            { node: { reason: 'so it is', reporter: { id: moderator.id } } },
          ],
        },
      },
    ]);
    for (const actor of [ada, bob, server.guest]) expect(await queueOf(actor, eventId)).toEqual([]);
    await Promise.all([there.close(), others.close()]);
    await elsewhere.drain(1000);
  });

  test('counts everybody once, however often and however many at a time', async () => {
    const { eventId, host, bob, report, id } = await reported();
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => report(bob, `again ${n}`)));
    expect(new Set(answers.map(({ __typename }) => __typename))).toEqual(new Set(['ReportMessagePayload']));
    expect(await queueOf(host, eventId)).toMatchObject([{ reportCount: 1 }]);
    expect(await server.app.db.feedEntry.count({ where: { feed: `event:${id}`, kind: 'MessageReported' } })).toBe(1);
  });

  test('many at once are all counted', async () => {
    const { eventId, host, bob, moderator, report } = await reported();
    await Promise.all([bob, moderator, host].map((actor) => report(actor)));
    expect(await queueOf(host, eventId)).toMatchObject([{ reportCount: 3, reports: { edges: { length: 3 } } }]);
  });

  test('under an idempotency key: the same answer again, another reason is a conflict', async () => {
    const { bob, report, messageId } = await reported();
    for (let n = 0; n < 2; n++)
      expect(await report(bob, 'rude', { idempotencyKey: 'once' })).toMatchObject({ messageId });
    expect(await report(bob, 'other', { idempotencyKey: 'once' })).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });

  test('is refused to authors, strangers, the timed out and guests, and nothing is written', async () => {
    const { eventId, host, ada, bob, stranger, messageId, report } = await reported();
    await host.mutate('timeOutUser', { eventId, userId: bob.id, seconds: 600 });
    const before = await rowsOf(server);
    expect(await report(ada)).toMatchObject({ code: 'FORBIDDEN' });
    expect(await report(stranger)).toMatchObject({ code: 'NOT_PARTICIPANT' });
    expect(await report(bob)).toMatchObject({ code: 'SANCTIONED' });
    const mutation = 'mutation($input: ReportMessageInput!) { reportMessage(input: $input) { __typename } }';
    expect(await server.guest.refusal(mutation, { input: { messageId, reason: 'rude' } })).toBe('UNAUTHENTICATED');
    expect(await rowsOf(server)).toEqual(before);
    await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
    expect(await report(stranger)).toMatchObject({ code: 'NOT_FOUND' });
  });

  test.each([
    ['empty', ' '],
    ['201 characters', 'x'.repeat(201)],
  ])('a reason that is %s is refused, and nothing is written', async (_name, reason) => {
    const { bob, report } = await reported();
    const before = await rowsOf(server);
    expect(await report(bob, reason)).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await rowsOf(server)).toEqual(before);
  });

  test('a removed message is not found', async () => {
    const { ada, bob, messageId, report } = await reported();
    await ada.mutate('deleteMessage', { messageId });
    expect(await report(bob)).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('after the show its messages are reported still', async () => {
    const { eventId, host, bob, messageId, report } = await reported();
    await host.mutate('endVideoEvent', { eventId });
    expect(await report(bob)).toMatchObject({ messageId });
  });

  test('a reporter who deletes their account is nobody any more, in the queue and in the log', async () => {
    const { eventId, host, bob, report, id } = await reported();
    await report(bob);
    const { username } = bob.signedIn;
    await bob.mutate('deleteAccount', { password: testPassword });
    const document = `query($id: ID!) { videoEvent(id: $id) { reportedMessages(first: 5) { edges { node { reports(first: 5) { edges { node {
      reporter { username displayName } } } } } } } } }`;
    const { videoEvent } = await host.ask(document, { id: eventId });
    const [{ node }] = videoEvent.reportedMessages.edges[0].node.reports.edges;
    expect(node.reporter.displayName).toBe('deleted user');
    expect(node.reporter.username).not.toBe(username);
    const entry = await server.app.db.feedEntry.findFirstOrThrow({
      where: { feed: `event:${id}`, kind: 'MessageReported' },
    });
    expect(entry.payload).toMatchObject({ actor: { displayName: 'deleted user' }, reason: 'rude' });
  });
});
