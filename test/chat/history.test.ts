import { describe, expect, test } from 'vitest';
import { type Actor, createEvent } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer();
const page = `query($id: ID!, $first: Int, $last: Int, $before: String, $after: String) { videoEvent(id: $id) {
  messages(first: $first, last: $last, before: $before, after: $after) {
    edges { cursor node { text } } pageInfo { hasPreviousPage hasNextPage startCursor endCursor } } } }`;

const texts = (messages: { edges: { node: { text: string } }[] }) => messages.edges.map(({ node }) => node.text);

async function chatOf(
  count: number,
): Promise<{ host: Actor; read: (args?: object) => Promise<Awaited<ReturnType<Actor['ask']>>> }> {
  const host = await server.signUp({ role: 'HOST' });
  const eventId = await createEvent(host);
  for (let n = 1; n <= count; n++) await host.mutate('sendMessage', { eventId, text: `${n}` });
  const read = async (args = {}) => (await host.ask(page, { id: eventId, ...args })).videoEvent.messages;
  return { host, read };
}

describe('history', () => {
  test('without arguments the newest 20, newest last; paging backwards reaches the first', async () => {
    const { read } = await chatOf(25);
    const newest = await read();
    expect(texts(newest)).toEqual(Array.from({ length: 20 }, (_, n) => `${n + 6}`));
    expect(newest.pageInfo.hasPreviousPage).toBe(true);
    const older = await read({ last: 20, before: newest.pageInfo.startCursor });
    expect(texts(older)).toEqual(['1', '2', '3', '4', '5']);
    expect(older.pageInfo.hasPreviousPage).toBe(false);
  });

  test('paging forwards gives the same messages', async () => {
    const { read } = await chatOf(5);
    const first = await read({ first: 3 });
    expect(texts(first)).toEqual(['1', '2', '3']);
    expect(texts(await read({ first: 3, after: first.pageInfo.endCursor }))).toEqual(['4', '5']);
  });

  test('messages that arrive while paging backwards move nothing', async () => {
    const host = await server.signUp({ role: 'HOST' });
    const eventId = await createEvent(host);
    const say = (text: string) => host.mutate('sendMessage', { eventId, text });
    for (const text of ['a', 'b', 'c', 'd']) await say(text);
    const read = async (args: object) => (await host.ask(page, { id: eventId, ...args })).videoEvent.messages;
    const newest = await read({ last: 2 });
    await say('e');
    expect(texts(await read({ last: 2, before: newest.pageInfo.startCursor }))).toEqual(['a', 'b']);
  });

  test('a page is at most 100, and a cursor that is none is refused', async () => {
    const { host, read } = await chatOf(1);
    const { errors } = await host.post(
      'query($id: ID!) { videoEvent(id: $id) { messages(last: 101) { edges { cursor } } } }',
      { id: await createEvent(host) },
    );
    // The page is cut to the largest there is, or refused: never larger.
    expect(errors).toBeUndefined();
    await expect(read({ before: 'bm9uc2Vuc2U' })).rejects.toThrow('INVALID_INPUT');
  });
});
