import { describe, expect, test } from 'vitest';
import { Actor, testPassword } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

const server = useServer();

const changePassword = (actor: Actor, currentPassword: string, newPassword: string) =>
  actor.mutate('changePassword', { currentPassword, newPassword }, 'endedSessions');
const logIn = (actor: Actor, password: string) =>
  server.guest.mutate(
    'logIn',
    { login: actor.signedIn.username, password },
    'tokens { accessToken refreshToken sessionId }',
  );

describe('changePassword', () => {
  test("changes it and ends the user's other sessions", async () => {
    const here = await server.signUp();
    const { tokens } = await logIn(here, testPassword);
    const there = new Actor(server.url, { ...here.signedIn, ...tokens });
    expect(await changePassword(here, testPassword, 'another password')).toMatchObject({ endedSessions: 1 });
    await until(async () => (await there.refusal('{ viewer { id } }')) === 'UNAUTHENTICATED', { what: 'a refusal' });
    expect(await here.refusal('{ viewer { id } }')).toBeNull();
    expect(await logIn(here, testPassword)).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(await logIn(here, 'another password')).toMatchObject({ __typename: 'LogInPayload' });
  });

  test('needs the current password, and a good new one', async () => {
    const here = await server.signUp();
    expect(await changePassword(here, 'wrong', 'another password')).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(await changePassword(here, testPassword, 'short')).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await logIn(here, testPassword)).toMatchObject({ __typename: 'LogInPayload' });
  });

  test('is done by one of several at once, and a log-in meanwhile does not outlive it', async () => {
    const here = await server.signUp();
    const [first, second, ...logIns] = await Promise.all([
      changePassword(here, testPassword, 'the first password'),
      changePassword(here, testPassword, 'the second password'),
      ...Array.from({ length: 6 }, () => logIn(here, testPassword)),
    ]);
    const codes = [first.code, second.code].sort();
    expect(codes).toEqual(['INVALID_CREDENTIALS', undefined]);
    const opened = logIns.filter(({ __typename }) => __typename === 'LogInPayload');
    for (const { tokens } of opened)
      expect(await server.guest.mutate('refreshSession', { refreshToken: tokens.refreshToken })).toMatchObject({
        code: 'INVALID_REFRESH_TOKEN',
      });
  });

  test('needs a session', async () => {
    const document = `mutation { changePassword(input: { currentPassword: "x", newPassword: "y" }) { __typename } }`;
    expect(await server.guest.refusal(document)).toBe('UNAUTHENTICATED');
  });
});
