import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadKeys } from '../../src/auth/keys.ts';
import { ConfigError } from '../../src/config.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ovation keys '));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

async function privateJwk() {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return exportJWK(privateKey);
}

async function problemsOf(keys: string): Promise<string> {
  const error = await loadKeys({ keys, dataDir }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  return String(error);
}

describe('AUTH_KEYS', () => {
  test('the first key signs, all verify, and no private part is published', async () => {
    const keys = [await privateJwk(), await privateJwk()];
    const { signer, publicKeys } = await loadKeys({ keys: JSON.stringify({ keys }), dataDir });
    expect(publicKeys.keys.map(({ x }) => x)).toEqual(keys.map(({ x }) => x));
    expect(signer.kid).toBe(publicKeys.keys[0]?.kid);
    expect(publicKeys.keys.some((key) => 'd' in key)).toBe(false);
    expect(await readdir(dataDir)).toEqual([]);
  });

  test('what is wrong is said, without quoting a key', async () => {
    const [one, other] = [await privateJwk(), await privateJwk()];
    const { d, ...publicPart } = one;
    expect(await problemsOf(`{"keys":[{"d":"${d}"`)).toMatch(/AUTH_KEYS: is not JSON/);
    expect(await problemsOf('{"keys":[]}')).toMatch(/AUTH_KEYS: keys: must hold at least one key/);
    expect(await problemsOf(JSON.stringify({ keys: [publicPart] }))).toMatch(/AUTH_KEYS: keys: 0: d: /);
    expect(await problemsOf(JSON.stringify({ keys: [{ kty: 'RSA', n: 'AQAB' }] }))).toMatch(/kty: must be "OKP"/);
    expect(await problemsOf(JSON.stringify({ keys: [one, one] }))).toMatch(/keys\.1: is there twice/);
    const mixed = await problemsOf(JSON.stringify({ keys: [{ ...one, x: other.x }] }));
    expect(mixed).toMatch(/x is not the public key of d/);
    expect(mixed).not.toContain(d);
    expect(await problemsOf(`not JSON ${d}`)).not.toContain(d);
  });
});

describe('without AUTH_KEYS', () => {
  test('instances that start together share one generated key, readable by its owner alone', async () => {
    const place = join(dataDir, 'made on demand');
    const loaded = await Promise.all(Array.from({ length: 8 }, () => loadKeys({ keys: null, dataDir: place })));
    expect(new Set(loaded.map(({ signer }) => signer.kid)).size).toBe(1);
    expect(await readdir(place)).toEqual(['auth-keys.json']);
    expect((await stat(join(place, 'auth-keys.json'))).mode & 0o777).toBe(0o600);
    const before = await readFile(join(place, 'auth-keys.json'), 'utf8');
    const again = await loadKeys({ keys: null, dataDir: place });
    expect(again.signer.kid).toBe(loaded[0]?.signer.kid);
    expect(await readFile(join(place, 'auth-keys.json'), 'utf8')).toBe(before);
  });

  test('a data directory that cannot hold the file is named', async () => {
    await loadKeys({ keys: null, dataDir });
    const error = await loadKeys({ keys: null, dataDir: join(dataDir, 'auth-keys.json') }).catch(String);
    expect(error).toMatch(/DATA_DIR: .*auth-keys\.json.* cannot be read or created \(ENOTDIR\)/);
  });
});
