import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { z } from 'zod';
import { ConfigError } from '../config.ts';

export const algorithm = 'EdDSA';

export interface SigningKeys {
  /** The key that signs, and its id in `publicKeys`. */
  readonly signer: { readonly kid: string; readonly key: CryptoKey };
  /** What verifies. Every `kid` is the key's RFC 7638 thumbprint. */
  readonly publicKeys: { readonly keys: readonly JWK[] };
}

const base64url32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/, { error: 'must be 32 bytes in base64url' });
const privateKey = z.object({
  kty: z.literal('OKP', { error: 'must be "OKP"' }),
  crv: z.literal('Ed25519', { error: 'must be "Ed25519"' }),
  x: base64url32,
  d: base64url32,
});
const privateKeySet = z.object({ keys: z.array(privateKey).min(1, { error: 'must hold at least one key' }) });
type PrivateKey = z.output<typeof privateKey>;

/**
 * `keys` is a JWK Set of private Ed25519 keys: the first signs, all verify, so a new key is put in front and the old one
 * stays until its tokens have expired. Null: one key, generated once into `dataDir`/auth-keys.json, which instances on one
 * machine share. Throws ConfigError, which never quotes a key.
 */
export async function loadKeys({ keys, dataDir }: { keys: string | null; dataDir: string }): Promise<SigningKeys> {
  const file = join(dataDir, 'auth-keys.json');
  return keys === null ? importKeys(await readOrGenerate(file), file) : importKeys(keys, 'AUTH_KEYS');
}

async function importKeys(text: string, source: string): Promise<SigningKeys> {
  const imported = await Promise.all(
    parse(text, source).map((key, index) =>
      importKey(key).catch(() => {
        // All else was parsed: what the import refuses is a pair whose halves do not belong together.
        throw new ConfigError([`${source}: keys.${index}: x is not the public key of d`]);
      }),
    ),
  );
  const kids = imported.map(({ signer }) => signer.kid);
  const repeated = kids.findIndex((kid, index) => kids.indexOf(kid) !== index);
  if (repeated !== -1) throw new ConfigError([`${source}: keys.${repeated}: is there twice`]);
  const [first] = imported;
  if (first === undefined) throw new ConfigError([`${source}: keys: must hold at least one key`]);
  return { signer: first.signer, publicKeys: { keys: imported.map(({ publicKey }) => publicKey) } };
}

function parse(text: string, source: string): PrivateKey[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes what it could not read.
    throw new ConfigError([`${source}: is not JSON`]);
  }
  const parsed = privateKeySet.safeParse(value);
  if (parsed.success) return parsed.data.keys;
  throw new ConfigError(
    parsed.error.issues.map(({ path, message }) => `${source}: ${[...path.map(String), message].join(': ')}`),
  );
}

async function importKey({ d, ...publicPart }: PrivateKey) {
  const kid = await calculateJwkThumbprint(publicPart);
  const key = await importJWK({ ...publicPart, d }, algorithm);
  if (key instanceof Uint8Array) throw new Error('an Ed25519 key was read as a secret');
  return { signer: { kid, key }, publicKey: { ...publicPart, kid, alg: algorithm, use: 'sig' } };
}

async function readOrGenerate(file: string): Promise<string> {
  try {
    return (await readIfThere(file)) ?? (await generate(file));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new ConfigError([`DATA_DIR: ${file} cannot be read or created (${code})`]);
  }
}

async function readIfThere(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

/** Of instances that start at the same time one links its file into place, complete; the others read that one. */
async function generate(file: string): Promise<string> {
  const { privateKey } = await generateKeyPair(algorithm, { crv: 'Ed25519', extractable: true });
  const draft = `${file}.${randomUUID()}`;
  await mkdir(join(file, '..'), { recursive: true });
  try {
    await writeFile(draft, `${JSON.stringify({ keys: [await exportJWK(privateKey)] })}\n`, { mode: 0o600, flag: 'wx' });
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, 'utf8');
}
