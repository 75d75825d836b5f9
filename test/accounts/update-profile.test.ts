import { describe, expect, test } from 'vitest';
import { type Actor, testPassword } from '../actor.ts';
import { useServer } from '../harness.ts';

const server = useServer();

const update = (actor: Actor, input: Record<string, unknown>) =>
  actor.mutate('updateProfile', input, 'user { id username displayName avatarUrl email }');

describe('updateProfile', () => {
  test('changes what is given and leaves the rest', async () => {
    const ada = await server.signUp({ username: 'ada' });
    const avatarUrl = 'https://pictures.example.test/ada.png';
    const changed = await update(ada, { displayName: 'Ada', avatarUrl });
    expect(changed.user).toEqual({
      id: ada.id,
      username: 'ada',
      displayName: 'Ada',
      avatarUrl,
      email: 'ada@example.test',
    });
    const renamed = await update(ada, { username: 'ADA', displayName: null });
    expect(renamed.user).toMatchObject({ username: 'ADA', displayName: 'Ada', avatarUrl });
    expect((await update(ada, { avatarUrl: null })).user).toMatchObject({ avatarUrl: null, displayName: 'Ada' });
    expect((await update(ada, {})).user).toMatchObject({ username: 'ADA' });
  });

  test('changes the address for who knows the password', async () => {
    const ada = await server.signUp({ username: 'bea' });
    const email = 'new@example.test';
    expect(await update(ada, { email })).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await update(ada, { email, currentPassword: 'wrong' })).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect((await update(ada, { email, currentPassword: testPassword })).user).toMatchObject({ email });
    const logIn = await server.guest.mutate('logIn', { login: email, password: testPassword });
    expect(logIn).toMatchObject({ __typename: 'LogInPayload' });
  });

  test("refuses others' names and addresses, and malformed values", async () => {
    const [cora] = [await server.signUp({ username: 'cora' }), await server.signUp({ username: 'dora' })];
    expect(await update(cora, { username: 'DORA' })).toMatchObject({ code: 'USERNAME_TAKEN' });
    const email = 'Dora@example.test';
    expect(await update(cora, { email, currentPassword: testPassword })).toMatchObject({ code: 'EMAIL_TAKEN' });
    for (const input of [
      { username: 'a b' },
      { displayName: ' ' },
      { avatarUrl: 'http://x.test' },
      { avatarUrl: 'javascript:1' },
    ])
      expect(await update(cora, input)).toMatchObject({ __typename: 'InvalidInputError', code: 'INVALID_INPUT' });
  });

  test('takes a name in any composition, and refuses what is no writing before it is put in order', async () => {
    const ada = await server.signUp();
    // Decomposed and padded it has 4 times and more the characters that are kept.
    const name = 'ệ'.repeat(50);
    expect((await update(ada, { displayName: `  ${name.normalize('NFD')}  ` })).user).toMatchObject({
      displayName: name,
    });
    const marks = (count: number) => `a${'\u0316\u0301'.repeat(count / 2)}`;
    expect(await update(ada, { displayName: marks(30) })).toMatchObject({ __typename: 'UpdateProfilePayload' });
    for (const displayName of [marks(32), marks(30_000)]) {
      expect(await update(ada, { displayName })).toMatchObject({ code: 'INVALID_INPUT' });
    }
  });

  test('needs a session', async () => {
    const document = 'mutation { updateProfile(input: { displayName: "x" }) { __typename } }';
    expect(await server.guest.refusal(document)).toBe('UNAUTHENTICATED');
  });
});
