import { describe, expect, test } from 'vitest';
import { type Actor, createEvent, join } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer();
const items = '... on MessageSent { message { id text removedBy } } ... on MessageRemoved { messageId removedBy }';

async function chat() {
  const host = await server.signUp({ role: 'HOST' });
  const eventId = await createEvent(host);
  const author = await server.signUp();
  await join(author, eventId);
  const say = async (text: string): Promise<string> =>
    (await author.mutate('sendMessage', { eventId, text }, 'sentMessage { id }')).sentMessage.id;
  return { host, author, eventId, say };
}

const remove = (actor: Actor, messageId: string) =>
  actor.mutate('deleteMessage', { messageId }, 'deletedMessage { text removedBy }');

describe('deleteMessage', () => {
  test('an author takes a message back: the text is gone from history, node and replay', async () => {
    const { author, eventId, say } = await chat();
    const { videoEvent } = await author.ask('query($id: ID!) { videoEvent(id: $id) { feedCursor } }', { id: eventId });
    const live = await author.follow(eventId, items);
    const messageId = await say('a secret');
    await live.has(1);

    expect(await remove(author, messageId)).toEqual({
      __typename: 'DeleteMessagePayload',
      deletedMessage: { text: null, removedBy: 'AUTHOR' },
    });

    const [sent, removed] = await live.has(2);
    expect(sent).toMatchObject({ message: { text: 'a secret' } });
    expect(removed).toMatchObject({ __typename: 'MessageRemoved', messageId, removedBy: 'AUTHOR' });
    const replay = await author.follow(eventId, items, { after: videoEvent.feedCursor });
    expect((await replay.has(2))[0]).toMatchObject({ message: { id: messageId, text: null, removedBy: 'AUTHOR' } });
    const { node } = await author.ask('query($id: ID!) { node(id: $id) { ... on Message { text } } }', {
      id: messageId,
    });
    expect(node).toEqual({ text: null });
    const stored = await server.app.db.feedEntry.findMany({
      where: { kind: 'MessageSent' },
      select: { payload: true },
    });
    expect(JSON.stringify(stored)).not.toContain('a secret');
    await live.close();
    await replay.close();
  });

  test('the host removes any message, also an old one', async () => {
    const { host, say } = await chat();
    const messageId = await say('rude');
    await makeOlder(messageId, 7);
    expect(await remove(host, messageId)).toMatchObject({ deletedMessage: { text: null, removedBy: 'MODERATOR' } });
  });

  test('a moderator removes any message, until dismissed', async () => {
    const { host, eventId, say } = await chat();
    const moderator = await server.signUp();
    await host.mutate('appointModerator', { eventId, userId: moderator.id });
    expect(await remove(moderator, await say('one'))).toMatchObject({ deletedMessage: { removedBy: 'MODERATOR' } });
    await host.mutate('dismissModerator', { eventId, userId: moderator.id });
    expect(await remove(moderator, await say('two'))).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('an author is refused after six hours', async () => {
    const { author, say } = await chat();
    const messageId = await say('old');
    await makeOlder(messageId, 6.01);
    expect(await remove(author, messageId)).toMatchObject({ __typename: 'ForbiddenError', code: 'FORBIDDEN' });
  });

  test('somebody else is refused, and a guest is told to log in', async () => {
    const { say } = await chat();
    const messageId = await say('mine');
    const stranger = await server.signUp();
    expect(await remove(stranger, messageId)).toMatchObject({ code: 'FORBIDDEN' });
    const mutation = 'mutation($input: DeleteMessageInput!) { deleteMessage(input: $input) { __typename } }';
    expect(await server.guest.refusal(mutation, { input: { messageId } })).toBe('UNAUTHENTICATED');
  });

  test('removing twice states one fact and keeps who was first', async () => {
    const { host, author, eventId, say } = await chat();
    const live = await author.follow(eventId, items, { kinds: ['MessageRemoved', 'MessageSent'] });
    const messageId = await say('twice');
    await remove(author, messageId);
    expect(await remove(host, messageId)).toMatchObject({ deletedMessage: { removedBy: 'AUTHOR' } });
    const last = await say('last');
    const seen = await live.has(3);
    expect(seen.map(({ __typename }) => __typename)).toEqual(['MessageSent', 'MessageRemoved', 'MessageSent']);
    expect(seen[2].message.id).toBe(last);
    await live.close();
  });

  test('a message that does not exist, or of an event one may not see, is not found', async () => {
    const { host, eventId, say } = await chat();
    const messageId = await say('hidden');
    const stranger = await server.signUp();
    await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
    expect(await remove(stranger, messageId)).toMatchObject({ __typename: 'NotFoundError', code: 'NOT_FOUND' });
    const nobodys = Buffer.from('Message:00000000-0000-7000-8000-000000000000').toString('base64');
    expect(await remove(stranger, nobodys)).toMatchObject({ code: 'NOT_FOUND' });
    expect(await remove(stranger, eventId)).toMatchObject({ code: 'NOT_FOUND' });
  });
});

async function makeOlder(messageId: string, hours: number): Promise<void> {
  const id = Buffer.from(messageId, 'base64').toString().replace('Message:', '');
  await server.app.db.message.update({ where: { id }, data: { createdAt: new Date(Date.now() - hours * 3_600_000) } });
}
