import { describe, expect, test } from 'vitest';
import { createEvent, join } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer();

const history = 'query($id: ID!) { videoEvent(id: $id) { messages { edges { node { id text } } } } }';
const lineItem = '... on MessageSent { message { id text author { username } sequence replyToId } }';

/** A live event, its host and somebody who joined it. */
async function liveEvent(input: Record<string, unknown> = {}) {
  const host = await server.signUp({ role: 'HOST' });
  const eventId = await createEvent(host, 'LIVE', input);
  const author = await server.signUp();
  await join(author, eventId);
  return { host, author, eventId };
}

describe('sendMessage', () => {
  test('a message arrives in the feed of everybody who watches, and stands in the history', async () => {
    const { author, eventId } = await liveEvent();
    const watching = await server.guest.follow(eventId, lineItem);

    const { sentMessage } = await author.mutate(
      'sendMessage',
      { eventId, text: '  Hello 👋\u0007 ' },
      'sentMessage { id text sequence replyToId author { username } }',
    );

    expect(sentMessage).toMatchObject({ text: 'Hello 👋', author: { username: author.signedIn.username } });
    expect(await watching.next()).toMatchObject({ __typename: 'MessageSent', message: sentMessage });
    const { videoEvent } = await server.guest.ask(history, { id: eventId });
    expect(videoEvent.messages.edges).toEqual([{ node: { id: sentMessage.id, text: 'Hello 👋' } }]);
    await watching.close();
  });

  test('a message is an engagement of its author, in the same event', async () => {
    const { author, eventId } = await liveEvent();
    await author.mutate('sendMessage', { eventId, text: 'counted' });
    const rows = await server.app.db.engagementLog.findMany({
      where: { engagementType: 'MESSAGE', participant: { user: { username: author.signedIn.username } } },
      include: { participant: true },
    });
    expect(rows).toHaveLength(1);
    expect(rows[0]?.eventId).toBe(rows[0]?.participant.eventId);
  });

  test('a reply names the message it answers', async () => {
    const { author, host, eventId } = await liveEvent();
    const { sentMessage: first } = await author.mutate('sendMessage', { eventId, text: 'first' }, 'sentMessage { id }');
    const { sentMessage: reply } = await host.mutate(
      'sendMessage',
      { eventId, text: 'answer', replyToId: first.id },
      'sentMessage { replyToId }',
    );
    expect(reply.replyToId).toBe(first.id);
  });

  test('a reply to a message of another event is refused', async () => {
    const [here, there] = [await liveEvent(), await liveEvent()];
    const foreign = await there.author.mutate(
      'sendMessage',
      { eventId: there.eventId, text: 'there' },
      'sentMessage { id }',
    );
    const refused = await here.author.mutate('sendMessage', {
      eventId: here.eventId,
      text: 'here',
      replyToId: foreign.sentMessage.id,
    });
    expect(refused).toMatchObject({ __typename: 'NotFoundError', code: 'NOT_FOUND' });
  });

  test('the host speaks without joining and takes no seat', async () => {
    const { host, eventId } = await liveEvent({ capacity: 1 });
    expect(await host.mutate('sendMessage', { eventId, text: 'welcome' })).toEqual({
      __typename: 'SendMessagePayload',
    });
    const { videoEvent } = await host.ask('query($id: ID!) { videoEvent(id: $id) { participantCount } }', {
      id: eventId,
    });
    expect(videoEvent.participantCount).toBe(1);
  });

  test('who has not joined, and who has left, is refused', async () => {
    const { author, eventId } = await liveEvent();
    const stranger = await server.signUp();
    expect(await stranger.mutate('sendMessage', { eventId, text: 'hi' })).toMatchObject({ code: 'NOT_PARTICIPANT' });
    await author.mutate('leaveVideoEvent', { eventId });
    expect(await author.mutate('sendMessage', { eventId, text: 'hi' })).toMatchObject({ code: 'NOT_PARTICIPANT' });
  });

  test('a guest is told to log in', async () => {
    const { eventId } = await liveEvent();
    const mutation = 'mutation($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }';
    expect(await server.guest.refusal(mutation, { input: { eventId, text: 'hi' } })).toBe('UNAUTHENTICATED');
  });

  test('an event the author may not see is not found', async () => {
    const { host, eventId } = await liveEvent();
    const stranger = await server.signUp();
    await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
    expect(await stranger.mutate('sendMessage', { eventId, text: 'hi' })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test.each(['DRAFT', 'ENDED', 'CANCELLED'] as const)('an event that is %s takes no messages', async (status) => {
    const host = await server.signUp({ role: 'HOST' });
    const eventId = await createEvent(host, status);
    const refused = await host.mutate('sendMessage', { eventId, text: 'hi' }, '__typename');
    expect(refused).toMatchObject({ __typename: 'EventNotOpenError', code: 'EVENT_NOT_OPEN' });
  });

  test.each(['SCHEDULED', 'LIVE', 'INTERRUPTED'] as const)('an event that is %s takes messages', async (status) => {
    const host = await server.signUp({ role: 'HOST' });
    const eventId = await createEvent(host, status);
    expect(await host.mutate('sendMessage', { eventId, text: 'hi' })).toEqual({ __typename: 'SendMessagePayload' });
  });

  test.each([
    ['empty', ''],
    ['blank', ' \n\u0000 '],
    ['501 characters', 'x'.repeat(501)],
  ])('a text that is %s is refused and nothing is written', async (_name, text) => {
    const { author, eventId } = await liveEvent();
    const before = await server.app.db.feedEntry.count();
    expect(await author.mutate('sendMessage', { eventId, text })).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await server.app.db.feedEntry.count()).toBe(before);
  });

  test('lengths count code points: 500 emoji are a message', async () => {
    const { author, eventId } = await liveEvent();
    expect(await author.mutate('sendMessage', { eventId, text: '👋'.repeat(500) })).toEqual({
      __typename: 'SendMessagePayload',
    });
  });

  test('a text that is no text (a lone surrogate) is kept without it', async () => {
    const { author, eventId } = await liveEvent();
    const { sentMessage } = await author.mutate('sendMessage', { eventId, text: 'a\ud800b' }, 'sentMessage { text }');
    expect(sentMessage.text).toMatch(/^a.?b$/u);
  });

  test('slow mode asks the second message to wait, and spares moderators', async () => {
    const { host, author, eventId } = await liveEvent({ slowModeSeconds: 30 });
    const both = await Promise.all([1, 2].map((n) => author.mutate('sendMessage', { eventId, text: `quick ${n}` })));
    expect(both.map(({ __typename }) => __typename).sort()).toEqual(['SendMessagePayload', 'SlowModeError']);
    const document = `mutation($input: SendMessageInput!) { sendMessage(input: $input) { ... on SlowModeError { retryAfterMs } } }`;
    const { sendMessage } = await author.ask(document, { input: { eventId, text: 'again' } });
    expect(sendMessage.retryAfterMs).toBeGreaterThan(20_000);
    expect(sendMessage.retryAfterMs).toBeLessThanOrEqual(30_000);
    for (const text of ['one', 'two']) {
      expect(await host.mutate('sendMessage', { eventId, text })).toEqual({ __typename: 'SendMessagePayload' });
    }
  });

  test('the same idempotency key sends once and answers the same; another text under it is refused', async () => {
    const { author, eventId } = await liveEvent();
    const input = { eventId, text: 'once', idempotencyKey: 'key-1' };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => author.mutate('sendMessage', input, 'sentMessage { id }')),
    );
    expect(new Set(answers.map(({ sentMessage }) => sentMessage.id)).size).toBe(1);
    const { videoEvent } = await author.ask(history, { id: eventId });
    expect(videoEvent.messages.edges).toHaveLength(1);
    expect(await author.mutate('sendMessage', { ...input, text: 'other' })).toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
  });
});
