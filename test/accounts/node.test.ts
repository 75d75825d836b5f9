import { beforeAll, describe, expect, test } from 'vitest';
import { Actor, testPassword } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer();
let ada: Actor;
let other: Actor;
let admin: Actor;
beforeAll(async () => {
  ada = await server.signUp({ username: 'ada' });
  other = await server.signUp({ username: 'other' });
  const { signedIn } = await server.signUp({ username: 'admin' });
  await server.app.db.user.update({
    where: { username: 'admin', id: rawId(signedIn.userId) },
    data: { role: 'ADMIN' },
  });
  const { tokens } = await server.guest.mutate(
    'logIn',
    { login: 'admin', password: testPassword },
    'tokens { accessToken refreshToken sessionId }',
  );
  admin = new Actor(server.url, { ...signedIn, ...tokens });
});

const rawId = (globalId: string): string => Buffer.from(globalId, 'base64').toString().split(':')[1] ?? '';
const absent = (typename: string) => Buffer.from(`${typename}:00000000-0000-7000-8000-000000000000`).toString('base64');

describe('node(id) of a User', () => {
  const look = async (actor: Actor, id = ada.id) =>
    (await actor.ask('query($id: ID!) { node(id: $id) { id ... on User { username email } } }', { id })).node;

  test('shows the address to the user and to administrators only', async () => {
    const email = 'ada@example.test';
    expect(await look(server.guest)).toEqual({ id: ada.id, username: 'ada', email: null });
    expect(await look(other)).toEqual({ id: ada.id, username: 'ada', email: null });
    expect(await look(ada)).toEqual({ id: ada.id, username: 'ada', email });
    expect(await look(admin)).toEqual({ id: ada.id, username: 'ada', email });
  });

  test('is null where there is none', async () => {
    expect(await look(ada, absent('User'))).toBeNull();
  });

  test('has no password', async () => {
    const { errors } = await ada.post('query($id: ID!) { node(id: $id) { ... on User { password } } }', { id: ada.id });
    expect(errors).toHaveLength(1);
  });
});

describe('node(id) of a Session', () => {
  const look = (actor: Actor, id = ada.signedIn.sessionId) =>
    actor.ask('query($id: ID!) { node(id: $id) { id ... on Session { device current } } }', { id });

  test('is seen by its user and administrators; for others it is as if there were none', async () => {
    const none = await look(other, absent('Session'));
    expect(none).toEqual({ node: null });
    expect(await look(server.guest)).toEqual(none);
    expect(await look(other)).toEqual(none);
    expect((await look(ada)).node).toMatchObject({ id: ada.signedIn.sessionId, current: true });
    expect((await look(admin)).node).toMatchObject({ id: ada.signedIn.sessionId, current: false });
  });

  test('is gone once the session has ended', async () => {
    const { tokens } = await server.guest.mutate(
      'logIn',
      { login: 'ada', password: testPassword },
      'tokens { sessionId }',
    );
    await ada.mutate('revokeSession', { sessionId: tokens.sessionId });
    expect(await look(ada, tokens.sessionId)).toEqual({ node: null });
  });
});
