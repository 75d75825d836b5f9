import { describe, expect, test } from 'vitest';
import { Actor } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer();

const good = (name: string) => ({ username: name, email: `${name}@example.test`, password: 'correct horse battery' });
const payload = `user { id username displayName avatarUrl role email createdAt }
  tokens { sessionId accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt }`;
const signUp = (input: Record<string, unknown>) => server.guest.mutate('signUp', input, payload);

async function issuesOf(input: Record<string, unknown>): Promise<string[]> {
  const { result } = await server.guest.ask(
    `mutation($input: SignUpInput!) { result: signUp(input: $input) {
      __typename ... on InvalidInputError { code issues { path message } } } }`,
    { input },
  );
  expect(result).toMatchObject({ __typename: 'InvalidInputError', code: 'INVALID_INPUT' });
  return result.issues.map(({ path }: { path: string }) => path);
}

describe('signUp', () => {
  test('makes an account and logs it in', async () => {
    const { user, tokens } = await signUp(good('Ada_L'));
    expect(user).toMatchObject({ username: 'Ada_L', displayName: 'Ada_L', avatarUrl: null, role: 'PARTICIPANT' });
    const ada = new Actor(server.url, { ...tokens, userId: user.id, username: user.username });
    expect(await ada.ask('{ viewer { id email } }')).toEqual({ viewer: { id: user.id, email: 'Ada_L@example.test' } });
    const life = Date.parse(tokens.accessTokenExpiresAt) - Date.parse(user.createdAt);
    expect(life / 1000).toBeCloseTo(600, -1);
    expect(Date.parse(tokens.refreshTokenExpiresAt)).toBeGreaterThan(Date.parse(tokens.accessTokenExpiresAt));
  });

  test('takes a display name and the role of a host', async () => {
    const { user } = await signUp({ ...good('grace'), displayName: '  Grace 👩‍🚀  ', role: 'HOST' });
    expect(user).toMatchObject({ displayName: 'Grace 👩‍🚀', role: 'HOST' });
  });

  test('makes no administrators', async () => {
    const document = 'mutation($input: SignUpInput!) { signUp(input: $input) { __typename } }';
    const { data, errors } = await server.guest.post(document, { input: { ...good('root'), role: 'ADMIN' } });
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.message).toMatch(/"ADMIN" does not exist in "SignUpRole"/);
  });

  test('refuses a user name or an address that is taken, whatever the case', async () => {
    await signUp(good('taken'));
    expect(await signUp({ ...good('other'), username: 'TAKEN' })).toMatchObject({
      __typename: 'UsernameTakenError',
      code: 'USERNAME_TAKEN',
    });
    expect(await signUp({ ...good('other'), email: 'Taken@Example.TEST' })).toMatchObject({
      __typename: 'EmailTakenError',
      code: 'EMAIL_TAKEN',
    });
  });

  test('gives one name to one of many who want it at once', async () => {
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) => signUp({ ...good('wanted'), email: `wanted${index}@example.test` })),
    );
    const names = results.map(({ __typename }) => __typename).sort();
    expect(names).toEqual(['SignUpPayload', ...Array(9).fill('UsernameTakenError')]);
  });

  test('refuses malformed values and names each', async () => {
    expect(await issuesOf({ username: 'a', email: 'nobody', password: 'short' })).toEqual([
      'username',
      'email',
      'password',
    ]);
    for (const username of ['with space', 'x'.repeat(31), 'naïve', 'a\u0000bc', 'Deleted', 'deleted_1'])
      expect(await issuesOf({ ...good('fine'), username })).toEqual(['username']);
    for (const email of ['', 'a@b', `${'a'.repeat(250)}@example.test`, 'a\u0000@example.test', 'a b@example.test'])
      expect(await issuesOf({ ...good('fine'), email })).toEqual(['email']);
    for (const password of ['', '1234567', 'x'.repeat(129), 'eight\u0000characters', 'lone \ud800 surrogate'])
      expect(await issuesOf({ ...good('fine'), password })).toEqual(['password']);
    for (const displayName of ['', ' \u0007 ', 'x'.repeat(51)])
      expect(await issuesOf({ ...good('fine'), displayName })).toEqual(['displayName']);
    expect(await server.app.db.user.count({ where: { username: 'fine' } })).toBe(0);
  });

  test('counts a password in characters, and keeps all of it', async () => {
    const password = ` ${'👍'.repeat(127)}`;
    await signUp({ ...good('thumbs'), password });
    const logIn = (tried: string) => server.guest.mutate('logIn', { login: 'thumbs', password: tried });
    expect(await logIn(password)).toMatchObject({ __typename: 'LogInPayload' });
    expect(await logIn(password.trim())).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(await logIn(password.slice(0, -2))).toMatchObject({ code: 'INVALID_CREDENTIALS' });
  });

  test('keeps no password and no refresh token in the clear', async () => {
    const { tokens } = await signUp(good('secretive'));
    const user = await server.app.db.user.findFirstOrThrow({ where: { username: 'secretive' } });
    expect(user.password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await server.app.db.refreshToken.count({ where: { hash: tokens.refreshToken } })).toBe(0);
  });
});
