import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { signUp, testPassword } from '../actor.ts';
import { type Answer, codesOf, transports } from '../api/transports.ts';
import { startInstance, useServer } from '../harness.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';

const tries = (count: number, login: string) =>
  `mutation { ${Array.from({ length: count }, (_, n) => `try${n}: logIn(input: { login: "${login}", password: "guess ${n}" }) { __typename }`).join(' ')} }`;

const onceWith = { trustProxy: true, rateLimits: true } as const;

/** One log-in, as a proxy hands it on from this address. */
async function logInFrom(url: string, address: string, login = '', password = 'a guess'): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify({
      query: `mutation($input: LogInInput!) { logIn(input: $input) { __typename ... on Error { code } } }`,
      variables: { input: { login, password } },
    }),
  });
  const { data, errors } = (await response.json()) as Answer & { data?: { logIn: { code?: string } } };
  return errors?.[0]?.extensions?.code ?? data?.logIn.code ?? 'LOGGED_IN';
}

describe('Guessing passwords', () => {
  const server = useServer({ config: onceWith });
  const computed = () => server.app.passwords.stats.computed;

  test('a hundred at a time in one document: not one is tried', async () => {
    const before = computed();
    for (const transport of [transports.POST, transports.WebSocket, transports.SSE]) {
      const answer = await transport?.(server.url, { query: tries(100, 'nobody') });
      expect(codesOf(answer ?? {})).toEqual(['LIMIT_EXCEEDED']);
    }
    expect(computed()).toBe(before);
  });

  test('as many at a time as a document may hold, over every transport: ten are tried in all', async () => {
    const before = computed();
    for (const transport of [transports.POST, transports.WebSocket, transports.SSE, transports.POST]) {
      const answer = await transport?.(server.url, { query: tries(30, 'somebody') });
      expect(codesOf(answer ?? {})).toEqual(['RATE_LIMITED']);
    }
    expect(computed() - before).toBe(10);
  });

  test('over GET: none is tried', async () => {
    const before = computed();
    const answer = await transports.GET?.(server.url, { query: tries(1, 'nobody') });
    expect(answer?.data ?? null).toBeNull();
    expect(computed()).toBe(before);
  });

  test('of one account from ever new addresses: the eleventh of a minute is refused, the right one too', async () => {
    const ada = 'ada_brute';
    await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.77' },
      body: JSON.stringify({
        query: `mutation { signUp(input: { username: "${ada}", email: "${ada}@example.test", password: "${testPassword}" }) { __typename } }`,
      }),
    });
    // All are looked up as one name.
    const spellings = [ada, ` ${ada.toUpperCase()} `, `${ada.slice(0, 2)}\u0001\u202e${ada.slice(2)}`];
    const codes = [];
    for (let n = 0; n < 12; n++) codes.push(await logInFrom(server.url, `198.51.100.${n}`, spellings[n % 3]));
    expect(codes).toEqual([...Array(10).fill('INVALID_CREDENTIALS'), 'RATE_LIMITED', 'RATE_LIMITED']);
    expect(await logInFrom(server.url, '198.51.100.99', ada, testPassword)).toBe('RATE_LIMITED');
  });

  test('of an account that does not exist: the same, so that nothing is learned', async () => {
    const codes = [];
    for (let n = 0; n < 12; n++) codes.push(await logInFrom(server.url, `203.0.113.${n}`, 'nobody_there'));
    expect(codes).toEqual([...Array(10).fill('INVALID_CREDENTIALS'), 'RATE_LIMITED', 'RATE_LIMITED']);
  });

  test('of ever new accounts from one address: the eleventh is refused', async () => {
    const codes = [];
    for (let n = 0; n < 12; n++) codes.push(await logInFrom(server.url, '192.0.2.1', `user_${n}`));
    expect(codes).toEqual([...Array(10).fill('INVALID_CREDENTIALS'), 'RATE_LIMITED', 'RATE_LIMITED']);
    expect(await logInFrom(server.url, '192.0.2.2', 'user_0')).toBe('INVALID_CREDENTIALS');
  });

  test('from the 2^64 addresses of one IPv6 line: they count as one', async () => {
    const codes = [];
    for (let n = 0; n < 11; n++)
      codes.push(await logInFrom(server.url, `2001:db8:0:7::${n.toString(16)}:1`, `six_${n}`));
    expect(codes).toEqual([...Array(10).fill('INVALID_CREDENTIALS'), 'RATE_LIMITED']);
    expect(await logInFrom(server.url, '2001:0DB8::7:1:2:3:4', 'six')).toBe('RATE_LIMITED');
    expect(await logInFrom(server.url, '2001:db8:0:8::1', 'six')).toBe('INVALID_CREDENTIALS');
    expect(await logInFrom(server.url, '::ffff:192.0.2.1', 'six')).toBe('RATE_LIMITED');
  });
});

describeRedis('Guessing passwords on several instances in turn', () => {
  const redis = useRedis();
  const server = useServer();
  const instances: App[] = [];
  beforeAll(async () => {
    for (let n = 0; n < 3; n++) {
      instances.push(await startInstance({ databaseUrl: server.databaseUrl, redisUrl: redis.url, config: onceWith }));
    }
  });
  afterAll(() => Promise.all(instances.map((instance) => instance.drain(2000))));

  test('counts together: ten are tried, wherever they arrive', async () => {
    const codes = await Promise.all(
      Array.from({ length: 30 }, (_, n) => logInFrom(instances[n % 3]?.url ?? '', `198.51.100.${n}`, 'shared_target')),
    );
    expect(codes.filter((code) => code === 'INVALID_CREDENTIALS')).toHaveLength(10);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(20);
  });
});

describe('Whether an account exists', () => {
  const server = useServer();

  /** Milliseconds of each call, and hashes computed for them. */
  async function measure(calls: number, call: () => Promise<unknown>): Promise<{ median: number; hashes: number }> {
    const before = server.app.passwords.stats.computed;
    const times: number[] = [];
    for (let n = 0; n < calls; n++) {
      const startedAt = performance.now();
      await call();
      times.push(performance.now() - startedAt);
      await until(() => server.app.mailer?.stats.waiting === 0, { what: 'what goes on behind the answer' });
    }
    times.sort((a, b) => a - b);
    return { median: times[calls >> 1] ?? 0, hashes: server.app.passwords.stats.computed - before };
  }

  test('is not told by what a log-in answers, nor by what it costs', async () => {
    const ada = await server.signUp();
    const attempt = (login: string) => () => server.guest.mutate('logIn', { login, password: 'a guess' });
    expect(await attempt(ada.signedIn.username)()).toEqual(await attempt('nobody')());
    const known = await measure(40, attempt(ada.signedIn.username));
    const unknown = await measure(40, attempt('nobody'));
    console.log(`log-in, wrong password: known ${known.median.toFixed(1)} ms, unknown ${unknown.median.toFixed(1)} ms`);
    expect([known.hashes, unknown.hashes]).toEqual([40, 40]);
  });

  test('is not told by a request for a new password', async () => {
    const ada = await server.signUp();
    const attempt = (email: string) => () => server.guest.mutate('requestPasswordReset', { email }, 'validForSeconds');
    const address = `${ada.signedIn.username}@example.test`;
    expect(await attempt(address)()).toEqual(await attempt('nobody@example.test')());
    const known = await measure(100, attempt(address));
    const unknown = await measure(100, attempt('nobody@example.test'));
    console.log(`password reset: known ${known.median.toFixed(1)} ms, unknown ${unknown.median.toFixed(1)} ms`);
    expect([known.hashes, unknown.hashes]).toEqual([0, 0]);
  });
});

describe('More log-ins than can be checked', () => {
  const server = useServer();

  test('are refused at once with a time to come back; the rest are served', async () => {
    const ada = await signUp(server.url);
    const before = server.app.passwords.stats;
    const answers = await Promise.all(
      Array.from({ length: 200 }, () =>
        server.guest.post('mutation($input: LogInInput!) { logIn(input: $input) { __typename } }', {
          input: { login: ada.signedIn.username, password: testPassword },
        }),
      ),
    );
    const served = answers.filter(({ data }) => data?.logIn.__typename === 'LogInPayload');
    const refused = answers.filter(({ errors }) => errors?.[0]?.extensions?.code === 'UNAVAILABLE');
    expect(served.length + refused.length).toBe(200);
    expect(served.length).toBeGreaterThanOrEqual(64);
    expect(refused.length).toBeGreaterThan(0);
    for (const { errors } of refused)
      expect(errors?.[0]?.extensions).toMatchObject({ retryable: true, retryAfterMs: expect.any(Number) });
    const { computed, refused: counted } = server.app.passwords.stats;
    expect([computed - before.computed, counted - before.refused]).toEqual([served.length, refused.length]);
  });

  const limited = useServer({ config: { rateLimits: true } });

  test('are not held against who is refused: once there is room, they get in', async () => {
    const ada = await signUp(limited.url);
    const logIn = () =>
      limited.guest.post('mutation($input: LogInInput!) { logIn(input: $input) { __typename } }', {
        input: { login: ada.signedIn.username, password: testPassword },
      });
    const { passwords } = limited.app;
    const others = Promise.allSettled(Array.from({ length: 200 }, () => passwords.hash(testPassword)));
    // Twice as many as are allowed a minute.
    const answers = await Promise.all(Array.from({ length: 20 }, logIn));
    const codes = answers.map(({ errors }) => errors?.[0]?.extensions?.code);
    expect(codes.filter((code) => code === 'UNAVAILABLE').length).toBeGreaterThan(10);
    expect(codes).not.toContain('RATE_LIMITED');
    await others;
    expect((await logIn()).data?.logIn.__typename).toBe('LogInPayload');
  });
});
