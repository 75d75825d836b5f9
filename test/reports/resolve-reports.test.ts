import { describe, expect, test } from 'vitest';
import { rowsOf } from '../authorisation/rows.ts';
import { setChat } from '../chat/chat-stage.ts';
import { startInstance, useServer } from '../harness.ts';
import { queueOf } from './queue.ts';

const server = useServer();

async function reported() {
  const chat = await setChat(server);
  const { sentMessage } = await chat.say(chat.ada, 'something rude');
  const messageId: string = sentMessage.id;
  const report = (by: typeof chat.bob) => by.mutate('reportMessage', { messageId, reason: 'rude' });
  await report(chat.bob);
  const document = `mutation($input: ResolveReportsInput!) { result: resolveReports(input: $input) { __typename
    ... on ResolveReportsPayload { reportedMessage { status resolution resolutionReason resolvedBy { id } message { text removedBy } } }
    ... on Error { code } ... on AlreadyResolvedError { decided: resolution } } }`;
  const resolve = async (by: typeof chat.bob, resolution: 'REMOVED' | 'DISMISSED', reason?: string) =>
    (await by.ask(document, { input: { messageId, resolution, reason } })).result;
  return { ...chat, messageId, report, resolve };
}

const logOf = async ({ host, eventId }: Awaited<ReturnType<typeof reported>>) => {
  const log = `query($id: ID!) { videoEvent(id: $id) { moderationLog(first: 2) { edges { node {
    kind reason messageId actor { id } user { id } } } } } }`;
  const { videoEvent } = await host.ask(log, { id: eventId });
  return videoEvent.moderationLog.edges.map(({ node }: { node: unknown }) => node);
};

describe('resolveReports', () => {
  test('REMOVED takes the message away in the same moment, is written down, and moderators hear of it on every instance', async () => {
    const stage = await reported();
    const { eventId, host, moderator, ada, bob, messageId, resolve } = stage;
    const elsewhere = await startInstance({ databaseUrl: server.databaseUrl });
    const items =
      '... on MessageRemoved { messageId removedBy } ... on ReportsResolved { messageId resolution resolutionReason resolvedBy { userId } }';
    const kinds = ['MessageRemoved', 'ReportsResolved', 'MessageSent'];
    const there = await host.at(elsewhere.url).follow(eventId, items, { kinds });
    const others = await ada.follow(eventId, items, { kinds });

    expect(await resolve(moderator, 'REMOVED', 'insults')).toEqual({
      __typename: 'ResolveReportsPayload',
      reportedMessage: {
        status: 'RESOLVED',
        resolution: 'REMOVED',
        resolutionReason: 'insults',
        resolvedBy: { id: moderator.id },
        message: { text: null, removedBy: 'MODERATOR' },
      },
    });
    const by = { userId: moderator.id };
    expect(await there.has(2)).toMatchObject([
      { __typename: 'MessageRemoved', messageId, removedBy: 'MODERATOR' },
      { __typename: 'ReportsResolved', messageId, resolution: 'REMOVED', resolutionReason: 'insults', resolvedBy: by },
    ]);
    await bob.mutate('sendMessage', { eventId, text: 'thanks' });
    expect((await others.has(2)).map(({ __typename }) => __typename)).toEqual(['MessageRemoved', 'MessageSent']);
    const about = { messageId, actor: { id: moderator.id }, user: { id: ada.id } };
    expect(await logOf(stage)).toEqual([
      { kind: 'REPORTS_RESOLVED', reason: 'insults', ...about },
      { kind: 'MESSAGE_REMOVED', reason: null, ...about },
    ]);
    expect(await queueOf(host, eventId, 'OPEN')).toEqual([]);
    expect(await queueOf(host, eventId, 'RESOLVED')).toHaveLength(1);
    await Promise.all([there.close(), others.close()]);
    await elsewhere.drain(1000);
  });

  test('DISMISSED leaves the message; who reported it does not open it again, somebody else does', async () => {
    const { eventId, host, moderator, bob, resolve, report } = await reported();
    expect(await resolve(host, 'DISMISSED')).toMatchObject({
      reportedMessage: { resolution: 'DISMISSED', resolutionReason: '', message: { text: 'something rude' } },
    });
    await report(bob);
    expect(await queueOf(host, eventId, 'OPEN')).toEqual([]);
    await report(moderator);
    expect(await queueOf(host, eventId, 'OPEN')).toMatchObject([
      { status: 'OPEN', reportCount: 2, resolution: null, resolvedBy: null },
    ]);
    expect(await resolve(host, 'REMOVED')).toMatchObject({ reportedMessage: { resolution: 'REMOVED' } });
  });

  test('of many moderators at once exactly one decides, the others are told what', async () => {
    const { host, moderator, admin, resolve, id } = await reported();
    const answers = await Promise.all(
      [host, moderator, admin, host, moderator, admin].map((actor, n) =>
        resolve(actor, n % 2 === 0 ? 'REMOVED' : 'DISMISSED'),
      ),
    );
    const [winner, ...more] = answers.filter(({ __typename }) => __typename === 'ResolveReportsPayload');
    expect(more).toEqual([]);
    const late = answers.filter(({ code }) => code === 'ALREADY_RESOLVED');
    expect(late).toHaveLength(5);
    expect(new Set(late.map(({ decided }) => decided))).toEqual(new Set([winner.reportedMessage.resolution]));
    const { db } = server.app;
    expect(await db.moderationAction.count({ where: { eventId: id, kind: 'REPORTS_RESOLVED' } })).toBe(1);
    expect(await db.feedEntry.count({ where: { feed: `event:${id}`, kind: 'ReportsResolved' } })).toBe(1);
  });

  test('a report and a decision at once: whatever comes second finds the other', async () => {
    for (let round = 0; round < 3; round++) {
      const { eventId, host, moderator, resolve, report } = await reported();
      const [reporting, deciding] = await Promise.all([report(moderator), resolve(host, 'REMOVED')]);
      expect(deciding).toMatchObject({ __typename: 'ResolveReportsPayload' });
      const counted = reporting.code === undefined ? 2 : 1;
      expect(await queueOf(host, eventId)).toMatchObject([{ status: 'RESOLVED', reportCount: counted }]);
    }
  });

  test('a message its author took back is resolved all the same', async () => {
    const { ada, host, messageId, resolve, id } = await reported();
    await ada.mutate('deleteMessage', { messageId });
    expect(await resolve(host, 'REMOVED')).toMatchObject({ reportedMessage: { message: { removedBy: 'AUTHOR' } } });
    expect(await server.app.db.moderationAction.count({ where: { eventId: id, kind: 'MESSAGE_REMOVED' } })).toBe(0);
  });

  test('is refused to participants, for what nobody reported, to strangers and guests, and for a long reason; nothing is written', async () => {
    const { eventId, host, bob, stranger, say, resolve, messageId } = await reported();
    const { sentMessage } = await say(bob, 'nothing wrong');
    const before = await rowsOf(server);
    for (const actor of [bob, stranger]) expect(await resolve(actor, 'REMOVED')).toMatchObject({ code: 'FORBIDDEN' });
    const other = { messageId: sentMessage.id, resolution: 'REMOVED' };
    expect(await host.mutate('resolveReports', other)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await resolve(host, 'REMOVED', 'x'.repeat(201))).toMatchObject({ code: 'INVALID_INPUT' });
    const mutation = 'mutation($input: ResolveReportsInput!) { resolveReports(input: $input) { __typename } }';
    const input = { messageId, resolution: 'DISMISSED' };
    expect(await server.guest.refusal(mutation, { input })).toBe('UNAUTHENTICATED');
    expect(await rowsOf(server)).toEqual(before);
    await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
    expect(await resolve(stranger, 'DISMISSED')).toMatchObject({ code: 'NOT_FOUND' });
  });
});
