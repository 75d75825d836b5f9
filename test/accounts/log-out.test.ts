import { describe, expect, test } from 'vitest';
import { Actor, testPassword } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

const server = useServer();

const logOut = 'mutation { logOut { __typename ... on LogOutPayload { sessionId } } }';
const logOutEverywhere = 'mutation { logOutEverywhere { ... on LogOutEverywherePayload { count } } }';
const refused = (actor: Actor) =>
  until(async () => (await actor.refusal('{ viewer { id } }')) === 'UNAUTHENTICATED', { what: 'a refusal' });

async function logInAgain(actor: Actor): Promise<Actor> {
  const input = { login: actor.signedIn.username, password: testPassword };
  const { tokens } = await server.guest.mutate('logIn', input, 'tokens { accessToken refreshToken sessionId }');
  return new Actor(server.url, { ...actor.signedIn, ...tokens });
}

describe('logOut', () => {
  test('ends this session and no other', async () => {
    const phone = await server.signUp();
    const laptop = await logInAgain(phone);
    expect(await phone.ask(logOut)).toEqual({
      logOut: { __typename: 'LogOutPayload', sessionId: phone.signedIn.sessionId },
    });
    await refused(phone);
    const { refreshToken } = phone.signedIn;
    expect(await server.guest.mutate('refreshSession', { refreshToken })).toMatchObject({
      code: 'INVALID_REFRESH_TOKEN',
    });
    const { mySessions } = await laptop.ask('{ mySessions { id current } }');
    expect(mySessions).toEqual([{ id: laptop.signedIn.sessionId, current: true }]);
  });

  test('needs a session', async () => {
    expect(await server.guest.refusal(logOut)).toBe('UNAUTHENTICATED');
  });
});

describe('logOutEverywhere', () => {
  test("ends every session of the viewer and nobody else's", async () => {
    const phone = await server.signUp();
    const laptop = await logInAgain(phone);
    const other = await server.signUp();
    expect(await laptop.ask(logOutEverywhere)).toEqual({ logOutEverywhere: { count: 2 } });
    await refused(phone);
    await refused(laptop);
    expect(await other.refusal('{ viewer { id } }')).toBeNull();
  });

  test('needs a session', async () => {
    expect(await server.guest.refusal(logOutEverywhere)).toBe('UNAUTHENTICATED');
  });
});
