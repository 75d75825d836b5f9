import { createHmac, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createEvent } from '../actor.ts';
import { RawSocket } from '../api/raw-socket.ts';
import { type Answer, codesOf, fetchOverGet, fetchOverPost, transports } from '../api/transports.ts';
import { until } from '../wait.ts';
import { isRefused, newSubject, now, useExternalIssuer, viewer } from './external-stage.ts';
import { Issuer } from './issuer.ts';

const { issuer, server, holder, person } = await useExternalIssuer();

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
  });

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
