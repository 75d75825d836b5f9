import { describe, expect, test } from 'vitest';
import { Actor, testPassword } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

const server = useServer();

async function logInAgain(actor: Actor): Promise<Actor> {
  const input = { login: actor.signedIn.username, password: testPassword };
  const { tokens } = await server.guest.mutate('logIn', input, 'tokens { accessToken refreshToken sessionId }');
  return new Actor(server.url, { ...actor.signedIn, ...tokens });
}

const revoke = (actor: Actor, sessionId: string) => actor.mutate('revokeSession', { sessionId }, 'sessionId');

describe('mySessions', () => {
  test('lists what is open, the last used first', async () => {
    const phone = await server.signUp();
    const laptop = await logInAgain(phone);
    const { mySessions } = await phone.ask('{ mySessions { id device createdAt lastUsedAt expiresAt current } }');
    expect(mySessions).toMatchObject([
      { id: laptop.signedIn.sessionId, current: false },
      { id: phone.signedIn.sessionId, current: true },
    ]);
    await server.guest.mutate('refreshSession', { refreshToken: phone.signedIn.refreshToken });
    const { mySessions: later } = await laptop.ask('{ mySessions { id lastUsedAt } }');
    expect(later[0].id).toBe(phone.signedIn.sessionId);
  });

  test('needs a session', async () => {
    expect(await server.guest.refusal('{ mySessions { id } }')).toBe('UNAUTHENTICATED');
  });
});

describe('revokeSession', () => {
  test('ends a session of the viewer', async () => {
    const phone = await server.signUp();
    const laptop = await logInAgain(phone);
    expect(await revoke(laptop, phone.signedIn.sessionId)).toEqual({
      __typename: 'RevokeSessionPayload',
      sessionId: phone.signedIn.sessionId,
    });
    await until(async () => (await phone.refusal('{ viewer { id } }')) === 'UNAUTHENTICATED', { what: 'a refusal' });
    const { mySessions } = await laptop.ask('{ mySessions { id } }');
    expect(mySessions).toEqual([{ id: laptop.signedIn.sessionId }]);
    expect(await revoke(laptop, phone.signedIn.sessionId)).toMatchObject({ code: 'NOT_FOUND' });
  });

  test("finds nobody else's session, and nothing where the id is none", async () => {
    const ada = await server.signUp();
    const mallory = await server.signUp();
    for (const sessionId of [ada.signedIn.sessionId, 'x', ''])
      expect(await revoke(mallory, sessionId)).toMatchObject({ __typename: 'NotFoundError', code: 'NOT_FOUND' });
    expect(await ada.refusal('{ viewer { id } }')).toBeNull();
  });

  test('needs a session', async () => {
    const ada = await server.signUp();
    const document = 'mutation($input: RevokeSessionInput!) { revokeSession(input: $input) { __typename } }';
    const input = { sessionId: ada.signedIn.sessionId };
    expect(await server.guest.refusal(document, { input })).toBe('UNAUTHENTICATED');
  });
});
