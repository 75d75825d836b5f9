import { beforeAll, describe, expect, test } from 'vitest';
import { type Actor, testPassword } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer();
let ada: Actor;
let gone: Actor;
beforeAll(async () => {
  ada = await server.signUp({ username: 'ada' });
  await ada.mutate('updateProfile', { displayName: '100% Ada' });
  for (const username of ['bea_1', 'beax1', 'cora', 'dora']) await server.signUp({ username });
  gone = await server.signUp({ username: 'gone_one' });
  await gone.mutate('deleteAccount', { password: testPassword });
});

const names = async (args: string): Promise<string[]> => {
  const { users } = await server.guest.ask(`{ users${args} { edges { node { username } } } }`);
  return users.edges.map(({ node }: { node: { username: string } }) => node.username);
};

describe('viewer', () => {
  test('is who asks; null for a guest', async () => {
    const query = '{ viewer { id username email role } }';
    const viewer = { id: ada.id, username: 'ada', email: 'ada@example.test', role: 'PARTICIPANT' };
    expect(await ada.ask(query)).toEqual({ viewer });
    expect(await server.guest.ask(query)).toEqual({ viewer: null });
  });
});

describe('user and userByName', () => {
  test('find accounts, by name whatever the case', async () => {
    const byId = await server.guest.ask('query($id: ID!) { user(id: $id) { username email } }', { id: ada.id });
    expect(byId).toEqual({ user: { username: 'ada', email: null } });
    const byName = 'query($name: String!) { userByName(username: $name) { id } }';
    expect(await server.guest.ask(byName, { name: 'ADA' })).toEqual({ userByName: { id: ada.id } });
    for (const name of ['beax_', 'bea%', 'nobody', '', '\u0000', 'gone_one'])
      expect(await server.guest.ask(byName, { name })).toEqual({ userByName: null });
  });

  test('a deleted account is an anonymous user', async () => {
    const { user } = await server.guest.ask(
      'query($id: ID!) { user(id: $id) { id username displayName avatarUrl email } }',
      { id: gone.id },
    );
    expect(user).toEqual({
      id: gone.id,
      username: 'deleted',
      displayName: 'deleted user',
      avatarUrl: null,
      email: null,
    });
  });
});

describe('users', () => {
  test('lists everybody but deleted accounts, by name', async () => {
    expect(await names('')).toEqual(['ada', 'bea_1', 'beax1', 'cora', 'dora']);
  });

  test('searches names and display names for the text itself, whatever the case', async () => {
    expect(await names('(search: "OR")')).toEqual(['cora', 'dora']);
    expect(await names('(search: "a_")')).toEqual(['bea_1']);
    expect(await names('(search: "0%")')).toEqual(['ada']);
    expect(await names('(search: "\\\\")')).toEqual([]);
    expect(await names('(search: "  ")')).toHaveLength(5);
    expect(await names('(search: "deleted")')).toEqual([]);
  });

  test('pages forwards and backwards, and counts', async () => {
    const page = `query($after: String, $before: String, $first: Int, $last: Int) {
      users(after: $after, before: $before, first: $first, last: $last) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { node { username } } } }`;
    const { users: first } = await server.guest.ask(page, { first: 2 });
    expect(first).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    const { users: second } = await server.guest.ask(page, { first: 2, after: first.pageInfo.endCursor });
    expect(second.edges.map(({ node }: { node: { username: string } }) => node.username)).toEqual(['beax1', 'cora']);
    const { users: back } = await server.guest.ask(page, { last: 2, before: second.pageInfo.startCursor });
    expect(back.edges).toEqual(first.edges);
  });

  test('takes at most 50 characters of search', async () => {
    expect(await server.guest.refusal(`{ users(search: "${'x'.repeat(51)}") { totalCount } }`)).toBe('INVALID_INPUT');
  });
});
