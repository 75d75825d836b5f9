import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Actor } from '../actor.ts';
import { RawSocket } from '../api/raw-socket.ts';
import { type Answer, codesOf, fetchOverGet, fetchOverPost, transports } from '../api/transports.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

const dataDir = await mkdtemp(join(tmpdir(), 'ovation-attacks-'));
afterAll(() => rm(dataDir, { recursive: true }));
const server = useServer({ config: { dataDir } });

type Json = Record<string, unknown>;
const encode = (value: Json | Buffer): string =>
  (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);

let ada: Actor;
/** What a good token of ada's says. */
let header: Json;
let claims: Json;
let ownKey: KeyObject;
beforeAll(async () => {
  ada = await server.signUp();
  const [head = '', body = ''] = ada.signedIn.accessToken.split('.');
  header = JSON.parse(Buffer.from(head, 'base64url').toString());
  claims = JSON.parse(Buffer.from(body, 'base64url').toString());
  const [key] = JSON.parse(await readFile(join(dataDir, 'auth-keys.json'), 'utf8')).keys;
  ownKey = createPrivateKey({ key, format: 'jwk' });
});

/** A token with whatever header, signed by whatever is at hand. */
function forged(head: Json, signer: (input: string) => Buffer, changes: Json = { role: 'ADMIN' }): string {
  const input = `${encode({ ...header, ...head })}.${encode({ ...claims, ...changes })}`;
  return `${input}.${encode(signer(input))}`;
}

/** A token as ours but for what is given, with a signature of our own key. */
const ours = (changes: Json, head: Json = {}): string => forged(head, by(ownKey, null), changes);

const hmac = (secret: string | Buffer) => (input: string) => createHmac('sha256', secret).update(input).digest();
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const by = (key: KeyObject, hash: string | null) => (input: string) => sign(hash, Buffer.from(input), key);
const published = async () => (await (await fetch(`${server.url}/.well-known/jwks.json`)).json()) as { keys: Json[] };
const jwk = (key: KeyObject): Json => ({ ...key.export({ format: 'jwk' }), kid: 'mine', use: 'sig' });

const viewerOf = '{ viewer { id role } }';
const feed = 'subscription { myFeed { __typename } }';

/** The verdict of every transport: the code, or what it let through. */
async function verdicts(token: string): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const [name, send] of Object.entries({ POST: fetchOverPost, GET: fetchOverGet })) {
    const response = await send(server.url, { query: viewerOf, token });
    const answer = (await response.json()) as Answer;
    found[name] = answer.data === undefined ? `${response.status} ${codesOf(answer)}` : answer.data;
  }
  const answer = (await transports.SSE?.(server.url, { query: feed, token })) ?? {};
  found.SSE = answer.data === undefined ? String(codesOf(answer)) : answer.data;
  const socket = await RawSocket.connect(server.url, token);
  found.WebSocket = socket.isAcknowledged ? 'acknowledged' : await socket.closed();
  socket.close();
  return found;
}

const refused = { POST: '401 UNAUTHENTICATED', GET: '401 UNAUTHENTICATED', SSE: 'UNAUTHENTICATED', WebSocket: 4401 };

/** Each is somebody's attempt to be somebody else, or to stay it. */
const attacks: Record<string, () => string | Promise<string>> = {
  'alg none': () => forged({ alg: 'none' }, () => Buffer.alloc(0)),
  'alg None, in another case': () => forged({ alg: 'nOnE' }, () => Buffer.alloc(0)),
  'no alg': () => forged({ alg: undefined }, by(ed.privateKey, null)),
  'HS256 with the public key as its secret': async () => {
    const [key] = (await published()).keys;
    return forged({ alg: 'HS256' }, hmac(Buffer.from(String(key?.x), 'base64url')));
  },
  'HS256 with the public key set as its secret': async () =>
    forged({ alg: 'HS256' }, hmac(JSON.stringify(await published()))),
  'HS256 with an empty secret': () => forged({ alg: 'HS256' }, hmac('')),
  'RS256 by a foreign key': () => forged({ alg: 'RS256' }, by(rsa.privateKey, 'sha256')),
  'ES256 by a foreign key': () => forged({ alg: 'ES256' }, by(ec.privateKey, 'sha256')),
  'EdDSA by a foreign key under our kid': () => forged({}, by(ed.privateKey, null)),
  'EdDSA by a foreign key under its own kid': () => forged({ kid: 'mine' }, by(ed.privateKey, null)),
  'EdDSA by a foreign key without a kid': () => forged({ kid: undefined }, by(ed.privateKey, null)),
  'a kid that is a path': () => forged({ kid: '../../../../dev/null' }, hmac('')),
  'a kid that is an SQL statement': () => forged({ kid: "x' UNION SELECT 'secret" }, hmac('secret')),
  'the attacker’s key in the header (jwk)': () =>
    forged({ jwk: jwk(ed.publicKey), kid: 'mine' }, by(ed.privateKey, null)),
  'the attacker’s key in the header under our kid': () => forged({ jwk: jwk(ed.publicKey) }, by(ed.privateKey, null)),
  'a certificate in the header (x5c)': () =>
    forged({ x5c: [encode(jwk(rsa.publicKey))], alg: 'RS256' }, by(rsa.privateKey, 'sha256')),
  'a critical header nobody knows': () => ours({}, { crit: ['exp'], exp: 1 }),
  'another audience': () => ours({ aud: 'somebody-else' }),
  'no audience': () => ours({ aud: undefined }),
  'another issuer': () => ours({ iss: 'https://issuer.example.test' }),
  'no issuer': () => ours({ iss: undefined }),
  'another type': () => ours({}, { typ: 'JWT' }),
  'no type': () => ours({}, { typ: undefined }),
  'expired by a second': () => ours({ exp: now() - 1 }),
  'expired in this second': () => ours({ exp: now() }),
  'expired by the 30 seconds that a clock may be off': () => ours({ exp: now() - 30 }),
  'no end': () => ours({ exp: undefined }),
  'an end that is a text': () => ours({ exp: String(now() + 600) }),
  'not valid yet (nbf)': () => ours({ nbf: now() + 120 }),
  'issued tomorrow': () => ours({ iat: now() + 86_400, exp: now() + 90_000 }),
  'a role that does not exist': () => ours({ role: 'ROOT' }),
  'a subject that is no id': () => ours({ sub: "' OR 1=1 --" }),
  'other claims under our signature': () => {
    const [head, , signature] = ada.signedIn.accessToken.split('.');
    return `${head}.${encode({ ...claims, role: 'ADMIN' })}.${signature}`;
  },
  'a signature cut short': () => ada.signedIn.accessToken.slice(0, -8),
  'a signature with one bit changed': () => {
    const [head, body, signature = ''] = ada.signedIn.accessToken.split('.');
    const bytes = Buffer.from(signature, 'base64url');
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    return `${head}.${body}.${encode(bytes)}`;
  },
  'no signature': () => `${ada.signedIn.accessToken.split('.').slice(0, 2).join('.')}.`,
  'the header alone': () => ada.signedIn.accessToken.split('.')[0] ?? '',
  'five parts, as an encrypted one has': () => `${ada.signedIn.accessToken}.a.b`,
  'a refresh token': () => ada.signedIn.refreshToken,
  'random bytes': () => randomBytes(300).toString('base64url'),
  'JSON in place of a token': () => '{"alg":"none"}',
  'a header that is a list': () => `${Buffer.from('[]').toString('base64url')}.${encode(claims)}.`,
  'more than a token can be': () => `${ada.signedIn.accessToken}${'A'.repeat(9000)}`,
  'a good token with 9 kB of claims': () => ours({ padding: 'x'.repeat(9000) }),
};

describe('A token that is not good has one verdict on every transport', () => {
  test.each(Object.entries(attacks))('%s', async (_what, make) => {
    expect(await verdicts(await make())).toEqual(refused);
  });

  test('while a good one is let through, also by a clock that is 30 seconds off', async () => {
    const viewer = { id: ada.id, role: 'PARTICIPANT' };
    for (const token of [
      ada.signedIn.accessToken,
      await ours({}),
      await ours({ iat: now() + 30, nbf: now() + 30, exp: now() + 630 }),
      await ours({ iat: now() - 630, exp: now() + 1000 }),
    ]) {
      for (const send of [fetchOverPost, fetchOverGet]) {
        const { data } = (await (await send(server.url, { query: viewerOf, token })).json()) as Answer;
        expect(data).toEqual({ viewer });
      }
      const socket = await RawSocket.connect(server.url, token);
      expect(socket.isAcknowledged).toBe(true);
      socket.close();
    }
  });

  test('an access token is no refresh token', async () => {
    for (const refreshToken of [ada.signedIn.accessToken, `${ada.signedIn.refreshToken}x`, 'x'.repeat(50_000)]) {
      expect(await server.guest.mutate('refreshSession', { refreshToken })).toMatchObject({
        code: 'INVALID_REFRESH_TOKEN',
      });
    }
    expect(await ada.refusal(viewerOf)).toBeNull();
  });

  test('an address in the header (jku, x5u) is never visited', async () => {
    let visits = 0;
    const evil = createServer((_request, response) => {
      visits++;
      response.end(JSON.stringify({ keys: [jwk(ed.publicKey)] }));
    }).listen(0, '127.0.0.1');
    await once(evil, 'listening');
    const address = evil.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/jwks.json`;
    for (const head of [{ jku: url, kid: 'mine' }, { x5u: url, kid: 'mine' }, { jku: url }, { iss: url }])
      expect(await verdicts(forged(head, by(ed.privateKey, null)))).toEqual(refused);
    expect(await verdicts(forged({ jku: url }, by(ed.privateKey, null), { iss: url, aud: url }))).toEqual(refused);
    expect(visits).toBe(0);
    evil.close();
  });
});

/** The status and codes for these header lines, sent as they are. */
async function withHeaders(lines: string[]): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const body = JSON.stringify({ query: viewerOf });
  const sent = request({
    hostname,
    port,
    path: '/graphql',
    method: 'POST',
    headers: [
      ['Host', `${hostname}:${port}`],
      ['Content-Type', 'application/json'],
      ['Content-Length', String(body.length)],
      ...lines.map((line) => ['Authorization', line]),
    ].flat(),
  }).end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  const answer: Answer = text.startsWith('{') ? JSON.parse(text) : {};
  return `${response.statusCode} ${answer.data ? JSON.stringify(answer.data.viewer) : codesOf(answer)}`;
}

describe('The Authorization header', () => {
  const refusal = '401 UNAUTHENTICATED';

  test('stands there once: of two nobody knows which one a proxy looked at', async () => {
    const good = `Bearer ${ada.signedIn.accessToken}`;
    const other = `Bearer ${(await server.signUp()).signedIn.accessToken}`;
    expect(await withHeaders([good])).toContain('200');
    for (const lines of [
      [good, other],
      [other, good],
      [good, good],
      [good, 'Bearer x'],
      ['Basic eDp5', good],
    ])
      expect(await withHeaders(lines)).toBe(refusal);
  });

  test('that is no bearer token is refused, not taken for a guest’s', async () => {
    for (const line of [
      'Bearer',
      'Bearer a b',
      'Basic eDp5',
      'bearer',
      `Bearer ${ada.signedIn.accessToken}, Bearer x`,
      'x',
    ])
      expect([line, await withHeaders([line])]).toEqual([line, refusal]);
    expect(await withHeaders([])).toBe('200 null');
    expect(await withHeaders([''])).toBe('200 null');
    expect(await withHeaders([`bEaReR   ${ada.signedIn.accessToken}`])).toContain('200');
  });

  test('larger than a header may be is a 4xx', async () => {
    expect(await withHeaders([`Bearer ${'A'.repeat(20_000)}`])).toMatch(/^431 /);
  });
});

describe('connectionParams', () => {
  /** Acknowledged (1), or how the socket was closed. */
  async function connect(payload: unknown): Promise<number> {
    const socket = await RawSocket.open(server.url);
    socket.send(JSON.stringify({ type: 'connection_init', payload }));
    const verdict = await until(() => (socket.isAcknowledged ? 1 : socket.closeCode), { what: 'a verdict' });
    socket.close();
    return verdict;
  }

  test('take the token under each of its names, and no two of them', async () => {
    const token = ada.signedIn.accessToken;
    const other = (await server.signUp()).signedIn.accessToken;
    for (const payload of [
      {},
      { accessToken: token },
      { authorization: `Bearer ${token}` },
      { Authorization: `bearer ${token}` },
      { accessToken: token, authorization: `Bearer ${token}` },
      { accessToken: null },
      { authorization: '' },
    ])
      expect([payload, await connect(payload)]).toEqual([payload, 1]);
    for (const payload of [
      { accessToken: token, authorization: `Bearer ${other}` },
      { authorization: `Bearer ${token}`, Authorization: `Bearer ${other}` },
      { accessToken: 5 },
      { accessToken: [token] },
      { accessToken: { token } },
      { accessToken: '' },
      { accessToken: `Bearer ${token}` },
      { authorization: token },
      { authorization: [`Bearer ${token}`] },
      { authorization: 'Basic eDp5' },
    ])
      expect([payload, await connect(payload)]).toEqual([payload, 4401]);
  });
});
