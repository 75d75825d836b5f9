import { beforeAll, describe, expect, test } from 'vitest';
import { Actor, testPassword } from '../actor.ts';
import { admin } from '../events/admin.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

const server = useServer();
let boss: Actor;
beforeAll(async () => {
  boss = await admin(server);
});

const changeRole = (actor: Actor, userId: string, role: string) =>
  actor.mutate('changeRole', { userId, role }, 'user { role } endedSessions');

describe('changeRole', () => {
  test('gives the role, and ends the sessions and sockets that had the old one', async () => {
    const ada = await server.signUp();
    const socket = ada.subscribe('subscription { myFeed(after: "none") { __typename } }');
    await socket.has(1);
    expect(await changeRole(boss, ada.id, 'HOST')).toMatchObject({ user: { role: 'HOST' }, endedSessions: 1 });
    await until(() => socket.closeCode !== null, { what: 'the end of the socket' });
    expect(socket.closeCode).toBe(4401);
    expect(await ada.refusal('{ viewer { id } }')).toBe('UNAUTHENTICATED');
    const { tokens } = await server.guest.mutate(
      'logIn',
      { login: ada.signedIn.username, password: testPassword },
      'tokens { accessToken }',
    );
    const host = new Actor(server.url, { ...ada.signedIn, ...tokens });
    const created = await host.mutate('createVideoEvent', { title: 'A show', scheduledAt: '2040-01-01T00:00:00Z' });
    expect(created.__typename).toBe('CreateVideoEventPayload');
    await socket.close();
  });

  test('takes a role away as surely', async () => {
    const other = await admin(server);
    await changeRole(boss, other.id, 'PARTICIPANT');
    await until(async () => (await other.refusal('{ viewer { id } }')) === 'UNAUTHENTICATED', { what: 'a refusal' });
    expect(await server.guest.mutate('refreshSession', { refreshToken: other.signedIn.refreshToken })).toMatchObject({
      code: 'INVALID_REFRESH_TOKEN',
    });
  });

  test('to the role that is there already disturbs nobody', async () => {
    const ada = await server.signUp();
    expect(await changeRole(boss, ada.id, 'PARTICIPANT')).toMatchObject({ endedSessions: 0 });
    expect(await ada.refusal('{ viewer { id } }')).toBeNull();
  });

  test('is for administrators', async () => {
    const host = await server.signUp({ role: 'HOST' });
    for (const userId of [host.id, boss.id])
      expect(await changeRole(host, userId, 'ADMIN')).toMatchObject({ code: 'FORBIDDEN' });
    const document = `mutation { changeRole(input: { userId: "${host.id}", role: ADMIN }) { __typename } }`;
    expect(await server.guest.refusal(document)).toBe('UNAUTHENTICATED');
  });

  test('knows no deleted or unknown account', async () => {
    const gone = await server.signUp();
    await gone.mutate('deleteAccount', { password: testPassword });
    const nobody = Buffer.from('User:00000000-0000-7000-8000-000000000000').toString('base64');
    for (const userId of [gone.id, nobody])
      expect(await changeRole(boss, userId, 'HOST')).toMatchObject({ code: 'NOT_FOUND' });
  });
});
