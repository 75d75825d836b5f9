import { describe, expect, test } from 'vitest';
import { createEvent, join } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer();

describe('sendMessage', () => {
  test('a message arrives in the feed of everybody who watches, and stands in the history', async () => {
    const host = await server.signUp({ role: 'HOST' });
    const eventId = await createEvent(host);
    const author = await server.signUp();
    await join(author, eventId);
    const watching = await server.guest.follow(
      eventId,
      '... on MessageSent { message { id text author { username } sequence } }',
    );

    const sent = await author.mutate(
      'sendMessage',
      { eventId, text: '  Hello  👋 ' },
      'sentMessage { id text sequence author { username } }',
    );

    expect(sent.sentMessage).toMatchObject({ text: 'Hello  👋', author: { username: author.signedIn.username } });
    const item = await watching.next();
    expect(item).toMatchObject({
      __typename: 'MessageSent',
      message: sent.sentMessage,
      sequence: sent.sentMessage.sequence,
    });
    const { videoEvent } = await server.guest.ask(
      'query($id: ID!) { videoEvent(id: $id) { messages { edges { node { id text } } } } }',
      {
        id: eventId,
      },
    );
    expect(videoEvent.messages.edges).toEqual([{ node: { id: sent.sentMessage.id, text: 'Hello  👋' } }]);
    await watching.close();
  });
});
