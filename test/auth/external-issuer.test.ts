import { createHmac, randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { Actor, createEvent, testPassword } from '../actor.ts';
import { RawSocket } from '../api/raw-socket.ts';
import { type Answer, codesOf, fetchOverGet, fetchOverPost, transports } from '../api/transports.ts';
import { admin } from '../events/admin.ts';
import { startInstance, useServer } from '../harness.ts';
import { LiveStream } from '../live-stream.ts';
import { until } from '../wait.ts';
import { Issuer } from './issuer.ts';

const issuer = await Issuer.start();
afterAll(() => issuer.goAway());
const oidc = {
  issuer: issuer.url,
  audience: issuer.audience,
  jwksUrl: null,
  jwksSeconds: 600,
  claims: { username: 'preferred_username', email: 'email' },
};
const server = useServer({ config: { oidc } });

const now = () => Math.floor(Date.now() / 1000);
const newSubject = () => `subject-${randomUUID()}`;
const viewer = '{ viewer { id username displayName email emailVerifiedAt role } }';

/** Somebody with this token and no session of ours. */
const holder = (accessToken: string, url = server.url) =>
  new Actor(url, { userId: '', username: '', accessToken, refreshToken: '', sessionId: '' });

/** Somebody whom the issuer knows as `claims.sub`, with a token of now. */
const person = async (claims: JWTPayload & { sub: string }, url?: string) => holder(await issuer.token(claims), url);

const isRefused = async (actor: Actor) => (await actor.refusal(viewer)) === 'UNAUTHENTICATED';
/** Tokens have whole seconds: one of the second in which a session ended is of before its end. */
const nextSecond = () => {
  const second = now();
  return until(() => now() > second, { what: 'the next second' });
};

describe('A subject seen for the first time', () => {
  test('gets an account with the name and address of its claims, and keeps it', async () => {
    const sub = newSubject();
    const claims = { sub, preferred_username: 'Grace.Hopper', email: 'grace@example.test', email_verified: true };
    const grace = await person(claims);
    const first = await grace.ask(viewer);
    expect(first.viewer).toEqual({
      id: expect.any(String),
      username: 'Grace_Hopper',
      displayName: 'Grace.Hopper',
      email: 'grace@example.test',
      emailVerifiedAt: expect.any(String),
      role: 'PARTICIPANT',
    });
    const renamed = await person({ ...claims, preferred_username: 'somebody_else', email: 'x@example.test' });
    expect(await renamed.ask(viewer)).toEqual(first);
    const host = await server.signUp({ role: 'HOST' });
    const joined = await grace.mutate('joinVideoEvent', { eventId: await createEvent(host) });
    expect(joined.__typename).toBe('JoinVideoEventPayload');
  });

  test('gets another name and no address where those are taken, and nobody else’s account', async () => {
    const ada = await server.signUp({ username: 'ada' });
    const other = await person({
      sub: newSubject(),
      preferred_username: 'ADA',
      email: 'ada@example.test',
      email_verified: true,
    });
    const { viewer: account } = await other.ask(viewer);
    expect(account.username).toMatch(/^ADA_[0-9a-f]{6}$/);
    expect(account).toMatchObject({ email: null, emailVerifiedAt: null });
    expect(account.id).not.toBe(ada.id);
    // There is nothing to mail to.
    const requested = await other.ask(
      'mutation { requestEmailVerification { ... on RequestEmailVerificationPayload { sent } } }',
    );
    expect(requested).toEqual({ requestEmailVerification: { sent: false } });
  });

  test('gets some name when its claims have none that is fit', async () => {
    for (const preferred_username of [undefined, '', 'x', '日本', 'deleted_x', { $ne: null }, 'a'.repeat(5000)]) {
      const somebody = await person({ sub: newSubject(), preferred_username });
      expect((await somebody.ask(viewer)).viewer.username).toMatch(/^(user_[0-9a-f]{8}|a{30})$/);
    }
  });

  test('of twenty requests at once makes one account and one session', async () => {
    const sub = newSubject();
    const token = await issuer.token({ sub, preferred_username: 'many' });
    const seen = await Promise.all(Array.from({ length: 20 }, () => holder(token).ask(viewer)));
    expect(new Set(seen.map((answer) => answer.viewer.id)).size).toBe(1);
    expect((await holder(token).ask('{ mySessions { device current } }')).mySessions).toEqual([
      { device: new URL(issuer.url).host, current: true },
    ]);
  });
});

describe('A token of the issuer', () => {
  test('is taken with every asymmetric algorithm, and on every transport', async () => {
    for (const alg of ['PS256', 'ES256', 'ES384', 'EdDSA']) await issuer.addKey(alg, alg);
    const sub = newSubject();
    // The key set was read before these keys were added: it is read again once, as soon as its cooldown is over.
    await until(async () => !(await isRefused(holder(await issuer.token({ sub }, { kid: 'EdDSA' })))), {
      what: 'the new key to be found',
      limitMs: 15_000,
    });
    for (const kid of ['first', 'PS256', 'ES256', 'ES384', 'EdDSA']) {
      const token = await issuer.token({ sub }, { kid });
      for (const send of [transports.POST, transports.GET, transports.WebSocket]) {
        const answer = await send?.(server.url, { query: '{ viewer { role } }', token });
        expect([kid, answer?.data]).toEqual([kid, { viewer: { role: 'PARTICIPANT' } }]);
      }
    }
    const token = await issuer.token({ sub });
    const query = 'subscription { myFeed(after: "none") { __typename } }';
    expect(await transports.SSE?.(server.url, { query, token })).toMatchObject({
      data: { myFeed: { __typename: 'FeedReset' } },
    });
  }, 30_000);

  const refused = { POST: 401, GET: 401, SSE: 'UNAUTHENTICATED', WebSocket: 4401 };

  async function verdicts(token: string) {
    const [POST, GET] = [fetchOverPost, fetchOverGet].map(
      async (send) => (await send(server.url, { query: viewer, token })).status,
    );
    const answer =
      (await transports.SSE?.(server.url, { query: 'subscription { myFeed { __typename } }', token })) ?? {};
    const socket = await RawSocket.connect(server.url, token);
    return {
      POST: await POST,
      GET: await GET,
      SSE: String(codesOf(answer as Answer)),
      WebSocket: await socket.closed(),
    };
  }

  const bad: Record<string, () => Promise<string>> = {
    'for another audience': () => issuer.token({ sub: 'x', aud: 'another-api' }),
    'without an audience': () => issuer.token({ sub: 'x', aud: undefined }),
    'of another issuer': () => issuer.token({ sub: 'x', iss: `${issuer.url}/` }),
    'expired by a second': () => issuer.token({ sub: 'x', exp: now() - 1 }),
    'without an end': () => issuer.token({ sub: 'x', exp: undefined }),
    'without a beginning': () => issuer.token({ sub: 'x', iat: undefined }),
    'not valid yet': () => issuer.token({ sub: 'x', nbf: now() + 120 }),
    'issued tomorrow': () => issuer.token({ sub: 'x', iat: now() + 86_400, exp: now() + 90_000 }),
    'that ends in a million years': () => issuer.token({ sub: 'x', exp: 1e15 }),
    'with a subject that is no text': () => issuer.token({ sub: 'x\0y' }),
    'without a subject': () => issuer.token({ sub: '' }),
    'that is an ID token by its type': () => issuer.token({ sub: 'x' }, { header: { typ: 'id+jwt' } }),
    'that is a logout token': () => issuer.token({ sub: 'x' }, { header: { typ: 'logout+jwt' } }),
    'that is Keycloak’s refresh token': () => issuer.token({ sub: 'x', typ: 'Refresh' }, { header: { typ: 'JWT' } }),
    'that is Cognito’s ID token': () => issuer.token({ sub: 'x', token_use: 'id' }, { header: { typ: 'JWT' } }),
    'by a key it never published': async () => {
      const stranger = await Issuer.start();
      const key = stranger.keys.get('first');
      await stranger.goAway();
      return issuer.token({ sub: 'x' }, { key });
    },
    'under a kid it never published': async () => issuer.token({ sub: 'x' }, { header: { kid: 'made-up' } }),
    'with HS256 and its public key as the secret': async () => {
      const [, body] = (await issuer.token({ sub: 'x' })).split('.');
      const head = Buffer.from(JSON.stringify({ alg: 'HS256', kid: 'first', typ: 'at+jwt' })).toString('base64url');
      const secret = JSON.stringify(issuer.keys.get('first')?.publicJwk);
      return `${head}.${body}.${createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url')}`;
    },
    'with alg none': async () => {
      const [, body] = (await issuer.token({ sub: 'x' })).split('.');
      return `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${body}.`;
    },
    'that claims to be of ours': () =>
      issuer.token({ sub: randomUUID(), iss: 'ovation', aud: 'ovation', sid: randomUUID(), role: 'ADMIN' }),
  };

  test.each(Object.entries(bad))('%s is refused on every transport', async (_what, make) => {
    expect(await verdicts(await make())).toEqual(refused);
  });

  test('made up in numbers is no flood of requests to the issuer', async () => {
    const before = issuer.asked.keys;
    const made = await Promise.all(
      Array.from({ length: 50 }, (_, n) => issuer.token({ sub: 'x' }, { header: { kid: `made-up-${n}` } })),
    );
    await Promise.all(made.map((token) => holder(token).refusal(viewer)));
    expect(issuer.asked.keys - before).toBeLessThanOrEqual(1);
  });

  test('cannot give itself a role', async () => {
    const eve = await person({ sub: newSubject(), role: 'ADMIN', roles: ['ADMIN'] });
    expect((await eve.ask(viewer)).viewer.role).toBe('PARTICIPANT');
  });
});

describe('The session that tokens of a subject stand for', () => {
  test('ends by log-out for every token issued until then; a later one opens another', async () => {
    const sub = newSubject();
    const [one, two] = [await person({ sub }), await person({ sub, jti: 'another' })];
    const socket = LiveStream.open(
      server.url,
      two.signedIn.accessToken,
      'subscription { myFeed(after: "none") { __typename } }',
      {},
    );
    await socket.has(1);
    const { viewer: before } = await one.ask(viewer);
    await one.ask('mutation { logOut { __typename } }');
    await until(() => socket.closeCode !== null, { what: 'the end of the socket' });
    expect(socket.closeCode).toBe(4401);
    expect([await isRefused(one), await isRefused(two)]).toEqual([true, true]);
    await nextSecond();
    const again = await person({ sub });
    expect((await again.ask(viewer)).viewer.id).toBe(before.id);
    expect([await isRefused(one), await isRefused(two)]).toEqual([true, true]);
    await socket.close();
  });

  test('is one for each session of the issuer, where its tokens name those', async () => {
    const sub = newSubject();
    const [laptop, phone] = [await person({ sub, sid: 'laptop' }), await person({ sub, sid: 'phone' })];
    await laptop.ask(viewer);
    const { mySessions } = await phone.ask('{ mySessions { id current } }');
    expect(mySessions).toHaveLength(2);
    const other = mySessions.find(({ current }: { current: boolean }) => !current);
    await phone.mutate('revokeSession', { sessionId: other.id });
    await until(() => isRefused(laptop), { what: 'a refusal' });
    expect(await isRefused(phone)).toBe(false);
  });

  test('is refused after a log-out everywhere, also with a token nobody has seen yet', async () => {
    const sub = newSubject();
    const [seen, unseen] = [await person({ sub, sid: 'seen' }), await person({ sub, sid: 'unseen' })];
    await seen.ask(viewer);
    await seen.ask('mutation { logOutEverywhere { __typename } }');
    expect([await isRefused(seen), await isRefused(unseen)]).toEqual([true, true]);
  });

  test('ends on the other instances, too', async () => {
    const second: App = await startInstance({ databaseUrl: server.databaseUrl, config: { oidc } });
    const sub = newSubject();
    const here = await person({ sub });
    const there = here.at(second.url);
    expect([await isRefused(here), await isRefused(there)]).toEqual([false, false]);
    await here.ask('mutation { logOut { __typename } }');
    await until(() => isRefused(there), { what: 'a refusal on the other instance' });
    await second.drain(2000);
  });

  test('keeps its socket when a newer token of it is seen, over whatever transport', async () => {
    const sub = newSubject();
    const token = await issuer.token({ sub, exp: now() + 3 });
    const kept = LiveStream.open(server.url, token, 'subscription { myFeed(after: "none") { __typename } }', {});
    await kept.has(1);
    const lapsing = newSubject();
    const lapsed = LiveStream.open(
      server.url,
      await issuer.token({ sub: lapsing, exp: now() + 3 }),
      'subscription { myFeed(after: "none") { __typename } }',
      {},
    );
    await lapsed.has(1);
    await (await person({ sub })).ask(viewer);
    await until(() => lapsed.closeCode !== null, { what: 'the end of the other socket', limitMs: 8000 });
    expect([lapsed.closeCode, kept.closeCode]).toEqual([4401, null]);
    await Promise.all([kept.close(), lapsed.close()]);
  });

  test('ends when its user’s role changes, and goes on in the new one', async () => {
    const boss = await admin(server);
    const sub = newSubject();
    const grace = await person({ sub });
    const { viewer: account } = await grace.ask(viewer);
    await boss.mutate('changeRole', { userId: account.id, role: 'HOST' });
    await until(() => isRefused(grace), { what: 'a refusal' });
    await nextSecond();
    expect((await (await person({ sub })).ask(viewer)).viewer.role).toBe('HOST');
  });

  test('ends with the account, which needs no password to be deleted; what comes later is somebody new', async () => {
    const sub = newSubject();
    const [grace, unseen] = [
      await person({ sub, preferred_username: 'leaving' }),
      await person({ sub, sid: 'unseen' }),
    ];
    const { viewer: account } = await grace.ask(viewer);
    expect(await grace.mutate('deleteAccount', { password: 'a guess' })).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(await grace.mutate('deleteAccount', {}, 'userId')).toMatchObject({ userId: account.id });
    expect([await isRefused(grace), await isRefused(unseen)]).toEqual([true, true]);
    const identities = await server.app.db.externalIdentity.findMany();
    expect(JSON.stringify(identities)).not.toContain(sub);
    await nextSecond();
    const { viewer: next } = await (await person({ sub, preferred_username: 'leaving' })).ask(viewer);
    expect(next.id).not.toBe(account.id);
    expect(next.username).toBe('leaving');
  });
});

describe('An account without a password', () => {
  test('is not logged into with one, and its deletion without one is no other account’s', async () => {
    await (await person({ sub: newSubject(), preferred_username: 'passwordless' })).ask(viewer);
    for (const password of ['', 'password', 'null'])
      expect(await server.guest.mutate('logIn', { login: 'passwordless', password })).toMatchObject({
        code: 'INVALID_CREDENTIALS',
      });
    const ada = await server.signUp();
    expect(await ada.mutate('deleteAccount', {})).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(await ada.mutate('deleteAccount', { password: null })).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(await ada.mutate('deleteAccount', { password: testPassword })).toMatchObject({
      __typename: 'DeleteAccountPayload',
    });
  });
});

describe('The issuer’s keys', () => {
  let own: Issuer;
  let app: App;
  beforeAll(async () => {
    own = await Issuer.start();
    const config = { oidc: { ...oidc, issuer: own.url, jwksSeconds: 1 } };
    app = await startInstance({ databaseUrl: server.databaseUrl, config });
  });
  afterAll(async () => {
    await app.drain(2000);
    await own.goAway();
  });

  const at = async (kid: string) => holder(await own.token({ sub: 'keys' }, { kid }), app.url);

  test('are read when they are first needed, and not for each token', async () => {
    expect(own.asked).toEqual({ discovery: 0, keys: 0 });
    for (let n = 0; n < 10; n++) expect(await (await at('first')).refusal(viewer)).toBeNull();
    expect(own.asked.discovery).toBe(1);
    expect(own.asked.keys).toBeLessThan(10);
  });

  test('may be exchanged: the new one is found, the old one refused once it is gone', async () => {
    const first = own.keys.get('first');
    await own.addKey('second', 'ES256');
    await until(async () => (await (await at('second')).refusal(viewer)) === null, {
      what: 'the new key to be taken',
      limitMs: 10_000,
    });
    expect(await (await at('first')).refusal(viewer)).toBeNull();
    own.keys.delete('first');
    const old = holder(await own.token({ sub: 'keys' }, { kid: 'first', key: first }), app.url);
    await until(() => isRefused(old), { what: 'the old key to be refused', limitMs: 10_000 });
    expect(await (await at('second')).refusal(viewer)).toBeNull();
  }, 30_000);

  test('stay good while the issuer is down; a new one is a retryable refusal until it is back', async () => {
    await own.goAway();
    await own.addKey('third', 'ES256');
    for (let n = 0; n < 5; n++) expect(await (await at('second')).refusal(viewer)).toBeNull();
    const newcomer = await at('third');
    // Within its cooldown the key set counts as new, and what it does not hold as made up.
    const refusal = await until(
      async () => {
        const { errors, status } = await newcomer.post(viewer);
        return errors?.[0]?.extensions?.code === 'UNAVAILABLE' ? { status, ...errors[0].extensions } : null;
      },
      { what: 'the key set to be looked for', limitMs: 10_000 },
    );
    expect(refusal).toMatchObject({ status: 503, retryable: true, retryAfterMs: expect.any(Number) });
    const socket = await RawSocket.connect(app.url, newcomer.signedIn.accessToken);
    expect(await socket.closed()).toBe(1013);
    expect(await (await at('second')).refusal(viewer)).toBeNull();
    await own.comeBack();
    await until(async () => (await newcomer.refusal(viewer)) === null, {
      what: 'the new key to be taken',
      limitMs: 10_000,
    });
  }, 40_000);

  test('need not be there at the start', async () => {
    const late = await Issuer.start();
    await late.goAway();
    const config = { oidc: { ...oidc, issuer: late.url } };
    const early = await startInstance({ databaseUrl: server.databaseUrl, config });
    const token = await late.token({ sub: 'early' });
    expect(await holder(token, early.url).refusal(viewer)).toBe('UNAVAILABLE');
    expect(await new Actor(early.url, null).refusal(viewer)).toBeNull();
    await late.comeBack();
    await until(async () => (await holder(token, early.url).refusal(viewer)) === null, {
      what: 'the issuer to be found',
    });
    await early.drain(2000);
    await late.goAway();
  });
});
