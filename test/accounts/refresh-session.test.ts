import { describe, expect, test } from 'vitest';
import { Actor } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

const server = useServer();

const refresh = (refreshToken: string) =>
  server.guest.mutate(
    'refreshSession',
    { refreshToken },
    'tokens { accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt sessionId }',
  );
const invalid = { __typename: 'InvalidRefreshTokenError', code: 'INVALID_REFRESH_TOKEN' };
const refused = (actor: Actor) =>
  until(async () => (await actor.refusal('{ viewer { id } }')) === 'UNAUTHENTICATED', { what: 'a refusal' });

describe('refreshSession', () => {
  test('goes on with the same session and new tokens', async () => {
    const ada = await server.signUp();
    const { tokens } = await refresh(ada.signedIn.refreshToken);
    expect(tokens.sessionId).toBe(ada.signedIn.sessionId);
    expect(tokens.refreshToken).not.toBe(ada.signedIn.refreshToken);
    const renewed = new Actor(server.url, { ...ada.signedIn, ...tokens });
    expect(await renewed.ask('{ viewer { id } }')).toEqual({ viewer: { id: ada.id } });
    expect((await refresh(tokens.refreshToken)).tokens.sessionId).toBe(ada.signedIn.sessionId);
  });

  test('refuses what is no refresh token', async () => {
    const ada = await server.signUp();
    for (const token of ['', 'x', '\u0000', ada.signedIn.accessToken, 'x'.repeat(10_000)])
      expect(await refresh(token)).toMatchObject(invalid);
    expect(await ada.refusal('{ viewer { id } }')).toBeNull();
  });

  test('a token seen again ends the session, for its newest tokens too', async () => {
    const ada = await server.signUp();
    const stolen = ada.signedIn.refreshToken;
    const { tokens } = await refresh(stolen);
    expect(await refresh(stolen)).toMatchObject(invalid);
    expect(await refresh(tokens.refreshToken)).toMatchObject(invalid);
    await refused(new Actor(server.url, { ...ada.signedIn, ...tokens }));
  });

  test('of 20 refreshes at once with one token exactly one succeeds, and the session ends', async () => {
    for (let round = 0; round < 3; round++) {
      const ada = await server.signUp();
      const results = await Promise.all(Array.from({ length: 20 }, () => refresh(ada.signedIn.refreshToken)));
      const succeeded = results.filter(({ __typename }) => __typename === 'RefreshSessionPayload');
      expect(succeeded).toHaveLength(1);
      for (const result of results) if (result !== succeeded[0]) expect(result).toMatchObject(invalid);
      await refused(ada);
      expect(await refresh(succeeded[0].tokens.refreshToken)).toMatchObject(invalid);
    }
  });

  test('an expired session cannot be refreshed', async () => {
    const ada = await server.signUp();
    await server.app.db.$executeRaw`
      UPDATE "Session" s SET "expiresAt" = clock_timestamp() FROM "User" u
      WHERE u.id = s."userId" AND u.username = ${ada.signedIn.username}`;
    expect(await refresh(ada.signedIn.refreshToken)).toMatchObject(invalid);
  });
});
