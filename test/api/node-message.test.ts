import { beforeAll, describe, expect, test } from 'vitest';
import { type Actor, createEvent, join } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer();
let host: Actor;
let author: Actor;
let other: Actor;
beforeAll(async () => {
  host = await server.signUp({ role: 'HOST' });
  author = await server.signUp();
  other = await server.signUp();
});

const look = async (actor: Actor, id: string) =>
  (await actor.ask('query ($id: ID!) { node(id: $id) { __typename id ... on Message { text removedBy } } }', { id }))
    .node;

async function messageIn(eventId: string): Promise<string> {
  await join(author, eventId);
  const { sentMessage } = await author.mutate('sendMessage', { eventId, text: 'Hello' }, 'sentMessage { id }');
  return sentMessage.id;
}

describe('node(id) of a Message', () => {
  test('of a public event is seen by everybody', async () => {
    const id = await messageIn(await createEvent(host));
    const message = { __typename: 'Message', id, text: 'Hello', removedBy: null };
    for (const actor of [server.guest, other, author, host]) expect(await look(actor, id)).toEqual(message);
  });

  test('of a private event is seen by who sees the event; for others it is as if there were none', async () => {
    const eventId = await createEvent(host, 'LIVE', { visibility: 'PRIVATE' });
    await host.mutate('inviteToVideoEvent', { eventId, userIds: [author.id] });
    const id = await messageIn(eventId);
    expect(await look(server.guest, id)).toBeNull();
    expect(await look(other, id)).toBeNull();
    expect(await look(author, id)).toMatchObject({ text: 'Hello' });
    expect(await look(host, id)).toMatchObject({ text: 'Hello' });
  });

  test('that was removed has no text for anybody', async () => {
    const id = await messageIn(await createEvent(host));
    await author.mutate('deleteMessage', { messageId: id });
    for (const actor of [server.guest, author, host]) {
      expect(await look(actor, id)).toEqual({ __typename: 'Message', id, text: null, removedBy: 'AUTHOR' });
    }
  });

  test('is null where there is none', async () => {
    const absent = Buffer.from('Message:00000000-0000-7000-8000-000000000000').toString('base64');
    for (const actor of [server.guest, author, host]) expect(await look(actor, absent)).toBeNull();
  });
});
