import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { createRevocations, type Revocations } from '../../src/auth/revocations.ts';
import { type Actor, testPassword } from '../actor.ts';
import { startInstance, testLog, useServer } from '../harness.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';

const logOut = 'mutation { logOut { __typename } }';
const rawId = (globalId: string): string => Buffer.from(globalId, 'base64').toString().split(':')[1] ?? '';
const isRefused = async (actor: Actor) => (await actor.refusal('{ viewer { id } }')) === 'UNAUTHENTICATED';

/** Another instance over the same database, for the tests of the suite. */
function useSecond(databaseUrl: () => string): { readonly url: string } {
  let second: App | undefined;
  beforeAll(async () => {
    second = await startInstance({ databaseUrl: databaseUrl() });
  });
  afterAll(() => second?.drain(2000));
  return {
    get url() {
      return second?.url ?? '';
    },
  };
}

describe('without a broker between the instances', () => {
  const server = useServer();
  const second = useSecond(() => server.databaseUrl);

  test('a session that ended on one is refused on the other soon after', async () => {
    const ada = await server.signUp();
    expect(await isRefused(ada.at(second.url))).toBe(false);
    await ada.ask(logOut);
    const ended = performance.now();
    await until(() => isRefused(ada.at(second.url)), { what: 'a refusal on the other instance' });
    console.log(`without a broker: refused on the other instance after ${Math.round(performance.now() - ended)} ms`);
  });

  test('an instance that starts later refuses it from its first request on', async () => {
    const ada = await server.signUp();
    await ada.ask(logOut);
    const late = await startInstance({ databaseUrl: server.databaseUrl });
    expect(await isRefused(ada.at(late.url))).toBe(true);
    await late.drain(2000);
  });
});

describeRedis('with Redis between the instances', () => {
  const redis = useRedis();
  let servers: { first: App; second: App };
  const server = useServer();
  beforeAll(async () => {
    const options = { databaseUrl: server.databaseUrl, redisUrl: redis.url };
    servers = { first: await startInstance(options), second: await startInstance(options) };
  });
  afterAll(() => Promise.all(Object.values(servers).map((instance) => instance.drain(2000))));

  test('a session that ended on one is refused on the other, and its sockets are closed with 4401', async () => {
    const ada = (await server.signUp()).at(servers.second.url);
    const stream = ada.subscribe('subscription { myFeed { __typename } }');
    const other = (await server.signUp()).at(servers.second.url);
    const unaffected = other.subscribe('subscription { myFeed { __typename } }');
    await until(() => servers.second.hub.stats.subscribers >= 3, { what: 'both subscriptions' });
    await ada.at(servers.first.url).ask(logOut);
    const ended = performance.now();
    await Promise.all([
      until(() => isRefused(ada), { what: 'a refusal on the other instance' }),
      until(() => stream.closeCode, { what: 'the end of the socket' }),
    ]);
    console.log(
      `with Redis: over on the other instance after ${Math.round(performance.now() - ended)} ms (target: 1000)`,
    );
    expect(stream.closeCode).toBe(4401);
    expect(unaffected.closeCode).toBeNull();
    await Promise.all([stream.close(), unaffected.close()]);
  });
});

describe("the user's own feed", () => {
  const server = useServer();

  test('tells which session ended, and why', async () => {
    const here = await server.signUp();
    const { tokens } = await server.guest.mutate(
      'logIn',
      { login: here.signedIn.username, password: testPassword },
      'tokens { accessToken refreshToken sessionId }',
    );
    const before = server.app.hub.stats.subscribers;
    const feed = here.subscribe('subscription { myFeed { ... on SessionRevoked { sessionId reason } } }');
    await until(() => server.app.hub.stats.subscribers > before, { what: 'the subscription' });
    await here.mutate('revokeSession', { sessionId: tokens.sessionId });
    expect(await feed.next()).toEqual({ sessionId: tokens.sessionId, reason: 'REVOKED' });
    await feed.close();
  });
});

describe('watch', () => {
  const server = useServer();
  let revocations: Revocations;
  beforeAll(async () => {
    const { hub, db } = server.app;
    revocations = await createRevocations({ hub, db, accessTokenSeconds: 600, log: testLog });
  });
  afterAll(() => revocations.close());

  test('calls back once, also for a session that ended before, and not after it was stopped', async () => {
    const ada = await server.signUp();
    const sessionId = rawId(ada.signedIn.sessionId);
    const calls: string[] = [];
    const stop = revocations.watch(sessionId, () => calls.push('stopped'));
    revocations.watch(sessionId, () => calls.push('early'));
    stop();
    expect(revocations.isRevoked(sessionId)).toBe(false);
    await ada.ask(logOut);
    await until(() => revocations.isRevoked(sessionId), { what: 'the revocation' });
    expect(calls).toEqual(['early']);
    revocations.watch(sessionId, () => calls.push('late'))();
    revocations.watch(sessionId, () => calls.push('late'));
    expect(calls).toEqual(['early']);
    await until(() => calls.length > 1, { what: 'the late call' });
    expect(calls).toEqual(['early', 'late']);
  });

  test('a callback that fails hinders nobody', async () => {
    const ada = await server.signUp();
    const sessionId = rawId(ada.signedIn.sessionId);
    const heard: string[] = [];
    revocations.watch(sessionId, () => {
      throw new Error('the socket is gone');
    });
    revocations.watch(sessionId, () => heard.push('heard'));
    await ada.ask(logOut);
    await until(() => heard.length > 0, { what: 'the second callback' });
  });
});

describe('an open socket', () => {
  const auth = { keys: null, issuer: 'ovation', accessTokenSeconds: 2, sessionSeconds: 60 };
  const server = useServer({ config: { auth } });

  test('outlives its access token if the session was refreshed meanwhile, and else is closed with 4401', async () => {
    const [fresh, stale] = [await server.signUp(), await server.signUp()];
    const streams = [fresh, stale].map((actor) => actor.subscribe('subscription { myFeed { __typename } }'));
    const [kept, closed] = streams;
    await until(() => server.app.hub.stats.subscribers >= 3, { what: 'both subscriptions' });
    let { refreshToken } = fresh.signedIn;
    let refreshes = 0;
    await until(
      async () => {
        if (closed?.closeCode != null) return true;
        const { tokens } = await server.guest.mutate('refreshSession', { refreshToken }, 'tokens { refreshToken }');
        refreshToken = tokens.refreshToken;
        refreshes++;
        return false;
      },
      { what: 'the end of the stale socket' },
    );
    expect(closed?.closeCode).toBe(4401);
    expect(refreshes).toBeGreaterThan(0);
    expect(kept?.closeCode).toBeNull();
    await Promise.all(streams.map((stream) => stream.close()));
  });
});
