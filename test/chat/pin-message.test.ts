import { describe, expect, test } from 'vitest';
import { createEvent, join } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer();
const items = '... on MessagePinned { message { id text sentAt sequence } } ... on MessageUnpinned { messageId }';
const pinnedQuery = 'query($id: ID!) { videoEvent(id: $id) { pinnedMessage { id text sentAt sequence } } }';

async function chat() {
  const host = await server.signUp({ role: 'HOST' });
  const eventId = await createEvent(host);
  const author = await server.signUp();
  await join(author, eventId);
  const say = async (text: string): Promise<string> =>
    (await author.mutate('sendMessage', { eventId, text }, 'sentMessage { id }')).sentMessage.id;
  const pinned = async () => (await server.guest.ask(pinnedQuery, { id: eventId })).videoEvent.pinnedMessage;
  return { host, author, eventId, say, pinned };
}

describe('pinMessage and unpinMessage', () => {
  test('one message is pinned at a time, and the fact tells it whole', async () => {
    const { host, author, eventId, say, pinned } = await chat();
    const live = await author.follow(eventId, items, { kinds: ['MessagePinned', 'MessageUnpinned'] });
    const [first, second] = [await say('first'), await say('second')];

    expect(await host.mutate('pinMessage', { messageId: first }, 'eventId')).toEqual({
      __typename: 'PinMessagePayload',
      eventId,
    });
    await host.mutate('pinMessage', { messageId: second });

    expect(await pinned()).toMatchObject({ id: second, text: 'second' });
    expect((await live.has(2))[1]).toMatchObject({ __typename: 'MessagePinned', message: await pinned() });
    expect(await host.mutate('unpinMessage', { eventId }, 'eventId')).toEqual({
      __typename: 'UnpinMessagePayload',
      eventId,
    });
    expect((await live.has(3))[2]).toMatchObject({ __typename: 'MessageUnpinned', messageId: second });
    expect(await pinned()).toBeNull();
    await live.close();
  });

  test('pinning the pinned one, and unpinning none, changes nothing', async () => {
    const { host, eventId, say } = await chat();
    const messageId = await say('once');
    await host.mutate('pinMessage', { messageId });
    const before = await server.app.db.feedEntry.count();
    await host.mutate('pinMessage', { messageId });
    expect(await server.app.db.feedEntry.count()).toBe(before);
    await host.mutate('unpinMessage', { eventId });
    await host.mutate('unpinMessage', { eventId });
    expect(await server.app.db.feedEntry.count()).toBe(before + 1);
  });

  test('removing the pinned message takes it off and empties the pin in the log', async () => {
    const { host, author, eventId, say, pinned } = await chat();
    const { videoEvent } = await author.ask('query($id: ID!) { videoEvent(id: $id) { feedCursor } }', { id: eventId });
    const messageId = await say('pinned and gone');
    await host.mutate('pinMessage', { messageId });
    await author.mutate('deleteMessage', { messageId });
    expect(await pinned()).toBeNull();
    const replay = await author.follow(eventId, items, {
      after: videoEvent.feedCursor,
      kinds: ['MessagePinned', 'MessageUnpinned'],
    });
    const [pin, unpin] = await replay.has(2);
    expect(pin).toMatchObject({ message: { id: messageId, text: null } });
    expect(unpin).toMatchObject({ __typename: 'MessageUnpinned', messageId });
    expect(await host.mutate('pinMessage', { messageId })).toMatchObject({ code: 'NOT_FOUND' });
    await replay.close();
  });

  test('participants are refused, strangers to a private event find nothing, guests are told to log in', async () => {
    const { host, author, eventId, say } = await chat();
    const messageId = await say('not yours');
    expect(await author.mutate('pinMessage', { messageId })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await author.mutate('unpinMessage', { eventId })).toMatchObject({ code: 'FORBIDDEN' });
    await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
    const stranger = await server.signUp();
    expect(await stranger.mutate('pinMessage', { messageId })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await stranger.mutate('unpinMessage', { eventId })).toMatchObject({ code: 'NOT_FOUND' });
    for (const [name, input] of [['pinMessage', { messageId }] as const, ['unpinMessage', { eventId }] as const]) {
      const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
      const mutation = `mutation($input: ${type}!) { ${name}(input: $input) { __typename } }`;
      expect(await server.guest.refusal(mutation, { input })).toBe('UNAUTHENTICATED');
    }
  });
});
