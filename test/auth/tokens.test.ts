import { tmpdir } from 'node:os';
import { base64url, createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadKeys, type SigningKeys } from '../../src/auth/keys.ts';
import { createTokens, type Tokens } from '../../src/auth/tokens.ts';
import { UnauthenticatedError } from '../../src/errors.ts';

const userId = '0198c0de-0000-7000-8000-000000000001';
const sessionId = '0198c0de-0000-7000-8000-000000000002';
const claims = { userId, sessionId, role: 'HOST' } as const;
const now = () => Math.floor(Date.now() / 1000);

async function newKeys(): Promise<SigningKeys> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return loadKeys({ keys: JSON.stringify({ keys: [await exportJWK(privateKey)] }), dataDir: tmpdir() });
}

let keys: SigningKeys;
let tokens: Tokens;
beforeAll(async () => {
  keys = await newKeys();
  tokens = createTokens({ keys, issuer: 'ovation', accessTokenSeconds: 600 });
});

/** A token like ours, but for what is given. */
function forge(header: Record<string, unknown>, payload: JWTPayload = {}, key: CryptoKey = keys.signer.key) {
  const good = {
    sub: userId,
    sid: sessionId,
    role: 'ADMIN',
    iss: 'ovation',
    aud: 'ovation',
    iat: now(),
    exp: now() + 600,
  };
  return new SignJWT({ ...good, ...payload })
    .setProtectedHeader({ alg: 'EdDSA', kid: keys.signer.kid, typ: 'at+jwt', ...header })
    .sign(key);
}

const refused = (token: string) => expect(tokens.verify(token)).rejects.toThrow(UnauthenticatedError);

test('a token says who is asking, until it expires', async () => {
  const { token, expiresAt } = await tokens.sign(claims);
  const viewer = await tokens.verify(token);
  expect(viewer).toEqual({ id: userId, sessionId, role: 'HOST', expiresAt: expiresAt.getTime() });
  expect(expiresAt.getTime() / 1000 - now()).toBeCloseTo(600, -1);
});

test('others can verify it with the published keys', async () => {
  const { token } = await tokens.sign(claims);
  const jwks = z
    .object({ keys: z.array(z.looseObject({ kty: z.literal('OKP'), kid: z.string() })) })
    .parse(tokens.jwks());
  const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), { issuer: 'ovation', audience: 'ovation' });
  expect(payload).toMatchObject({ sub: userId, sid: sessionId, role: 'HOST' });
  expect(JSON.stringify(tokens.jwks())).not.toContain('"d"');
});

describe('refused is', () => {
  test('what is no token', async () => {
    for (const garbage of ['', 'x', 'a.b.c', `${'a'.repeat(5000)}.b.c`]) await refused(garbage);
  });

  test('a token without a signature, or with a changed payload', async () => {
    const { token } = await tokens.sign(claims);
    const [header, payload, signature] = token.split('.');
    const none = base64url.encode(JSON.stringify({ alg: 'none', typ: 'at+jwt' }));
    await refused(`${none}.${payload}.`);
    const admin = base64url.encode(JSON.stringify({ sub: userId, sid: sessionId, role: 'ADMIN', exp: now() + 600 }));
    await refused(`${header}.${admin}.${signature}`);
  });

  test("a token of somebody else's key, even under our key's id", async () => {
    const foreign = await newKeys();
    await refused(await forge({ kid: foreign.signer.kid }, {}, foreign.signer.key));
    await refused(await forge({}, {}, foreign.signer.key));
  });

  test('another type, issuer or audience', async () => {
    expect(await tokens.verify(await forge({}))).toMatchObject({ role: 'ADMIN' });
    await refused(await forge({ typ: 'JWT' }));
    await refused(await forge({}, { iss: 'another' }));
    await refused(await forge({}, { aud: 'another' }));
  });

  test('claims that are missing or malformed', async () => {
    for (const payload of [{ sub: 'x' }, { sid: undefined }, { role: 'ROOT' }, { exp: undefined }, { iat: undefined }])
      await refused(await forge({}, payload));
  });

  test('an expired token from its second on, and says so', async () => {
    for (const late of [0, 1, 30, 3600]) {
      await expect(tokens.verify(await forge({}, { exp: now() - late }))).rejects.toThrow(/expired/);
    }
  });

  test('a token of tomorrow; the clock of who signed it may be 30 seconds off', async () => {
    await expect(tokens.verify(await forge({}, { iat: now() + 30, nbf: now() + 30 }))).resolves.toBeDefined();
    await expect(tokens.verify(await forge({}, { iat: now() - 30, exp: now() + 570 }))).resolves.toBeDefined();
    await refused(await forge({}, { iat: now() + 90 }));
    await refused(await forge({}, { nbf: now() + 90 }));
  });
});
