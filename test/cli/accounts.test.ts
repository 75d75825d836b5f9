import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { Actor, testPassword } from '../actor.ts';
import { startInstance, useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { ovation } from './command-line.ts';

const server = useServer();
let other: App;
beforeAll(async () => {
  other = await startInstance({ databaseUrl: server.databaseUrl });
});
afterAll(() => other.drain(2000));

const cli = (...argv: string[]) => ovation(argv, { DATABASE_URL: server.databaseUrl });
const withToken = (accessToken: string): Actor =>
  new Actor(server.url, { userId: '', username: '', accessToken, refreshToken: '', sessionId: '' });
const roleOf = async (actor: Actor) => (await actor.ask('{ viewer { role } }')).viewer?.role;

describe('ovation token', () => {
  test('prints an access token of a session that the user sees and can end on every instance', async () => {
    const ada = await server.signUp();
    const { code, out } = await cli('token', ada.signedIn.username.toUpperCase());
    expect(code).toBe(0);
    const holder = withToken(out);
    expect((await holder.ask('{ viewer { id } }')).viewer.id).toBe(ada.id);
    const { mySessions } = await ada.ask('{ mySessions { id device } }');
    const opened = mySessions.find(({ device }: { device: string }) => device === 'ovation token');
    await ada.mutate('revokeSession', { sessionId: opened.id });
    await until(async () => (await holder.at(other.url).refusal('{ viewer { id } }')) === 'UNAUTHENTICATED', {
      what: 'a refusal on the other instance',
    });
  });

  test('is refused for a user there is none of, and for a deleted one', async () => {
    expect(await cli('token', 'nobody_here')).toEqual({ code: 1, out: '', err: 'User not found.' });
    const gone = await server.signUp();
    await gone.mutate('deleteAccount', { password: testPassword });
    expect(await cli('token', gone.signedIn.username)).toMatchObject({ code: 1, out: '' });
  });
});

describe('ovation user promote', () => {
  test('gives the role, tells of it in the log, and closes open sockets of every instance with 4401', async () => {
    const ada = await server.signUp();
    const bystander = await server.signUp();
    const { feedCursor } = (await ada.ask('{ viewer { feedCursor } }')).viewer;
    const document = 'subscription { myFeed { __typename } }';
    const [stream, unaffected] = [ada, bystander].map((actor) => actor.at(other.url).subscribe(document));
    await until(() => other.hub.stats.subscribers >= 3, { what: 'both subscriptions' });

    const { code, out } = await cli('user', 'promote', ada.signedIn.username, 'admin');
    expect({ code, out }).toEqual({
      code: 0,
      out: `${ada.signedIn.username} was PARTICIPANT and is ADMIN now. Sessions ended: 1.`,
    });
    await until(() => stream?.closeCode, { what: 'the end of the socket' });
    expect(stream?.closeCode).toBe(4401);
    expect(unaffected?.closeCode).toBeNull();
    const refused = async () => (await ada.refusal('{ viewer { role } }')) === 'UNAUTHENTICATED';
    await until(refused, { what: 'the other instance to hear of it, too' });
    expect((await server.guest.mutate('refreshSession', { refreshToken: ada.signedIn.refreshToken })).code).toBe(
      'INVALID_REFRESH_TOKEN',
    );

    const { tokens } = await server.guest.mutate(
      'logIn',
      { login: ada.signedIn.username, password: testPassword },
      'tokens { accessToken }',
    );
    const again = withToken(tokens.accessToken);
    expect(await roleOf(again)).toBe('ADMIN');
    const told = again.subscribe(
      'subscription($after: String) { myFeed(after: $after) { __typename ... on RoleChanged { role } ... on SessionRevoked { sessionId reason } } }',
      { after: feedCursor },
    );
    expect(await told.has(2)).toEqual([
      { __typename: 'RoleChanged', role: 'ADMIN' },
      { __typename: 'SessionRevoked', sessionId: ada.signedIn.sessionId, reason: 'ROLE_CHANGED' },
    ]);
    await Promise.all([stream?.close(), unaffected?.close(), told.close()]);
  });

  test('takes a role away, and leaves everything as it is for one who has it already', async () => {
    const host = await server.signUp({ role: 'HOST' });
    const { username } = host.signedIn;
    expect(await cli('user', 'promote', username, 'HOST')).toMatchObject({
      code: 0,
      out: `${username} is HOST already.`,
    });
    expect(await roleOf(host)).toBe('HOST');
    expect((await cli('user', 'promote', username, 'PARTICIPANT')).code).toBe(0);
    await until(async () => (await host.refusal('{ viewer { role } }')) === 'UNAUTHENTICATED', { what: 'a refusal' });
  });

  test('is refused for a user there is none of', async () => {
    expect(await cli('user', 'promote', 'nobody_here', 'ADMIN')).toEqual({ code: 1, out: '', err: 'User not found.' });
  });
});
