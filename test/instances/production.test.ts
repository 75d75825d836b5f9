import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Actor } from '../actor.ts';
import { codesOf, transports } from '../api/transports.ts';
import { run } from '../database.ts';
import { root, useCluster } from '../faults/cluster.ts';
import { begin, type RunningInstance } from '../faults/instance.ts';
import { describeRedis, useRedis } from '../redis.ts';

const folder = mkdtempSync(join(tmpdir(), 'ovation-production-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, `${content}\n`, { mode: 0o600 });
  return path;
};

/** As the README says to make them. */
const keys = execFileSync(
  process.execPath,
  [
    '-e',
    "const {generateKeyPairSync:g}=require('crypto');console.log(JSON.stringify({keys:[g('ed25519').privateKey.export({format:'jwk'})]}))",
  ],
  { encoding: 'utf8' },
).trim();

/** Starts a server that cannot start; its exit code, and what it wrote. */
async function failing(env: Record<string, string>): Promise<{ code: unknown; output: string }> {
  const { child, output } = begin(root, { NODE_ENV: 'production', PORT: '0', ...env });
  const [code] = await once(child, 'close');
  return { code, output: output() };
}

describe('NODE_ENV=production', () => {
  // Builds the server, and ends what a test starts.
  useCluster({ instances: 0 });

  test('embeds and guesses nothing: everything that is missing is named, and the process ends with 1', async () => {
    const dataDir = join(folder, 'data');
    const { code, output } = await failing({ DATA_DIR: dataDir });
    expect(code).toBe(1);
    for (const key of ['DATABASE_URL', 'REDIS_URL', 'AUTH_KEYS']) {
      expect(output).toContain(`${key}: required in production`);
    }
    expect(output).not.toContain('    at ');
    expect(existsSync(dataDir)).toBe(false);
  });

  test('has no demo data, and no issuer without TLS', async () => {
    const { code, output } = await failing({
      SEED: 'true',
      OIDC_ISSUER: 'http://issuer.example.test',
      OIDC_AUDIENCE: 'x',
    });
    expect(code).toBe(1);
    expect(output).toContain('SEED: there is no demo data in production');
    expect(output).toContain('OIDC_ISSUER: must begin with https://');
  });

  test.each<[string, Record<string, string>]>([
    [
      'of the wrong shape',
      {
        DATABASE_URL: 'mysql://u:hush@h/d',
        REDIS_URL: 'hush',
        AUTH_KEYS: 'hush',
        SMTP_URL: 'hush',
        METRICS_TOKEN: 'hush',
      },
    ],
    [
      'of the wrong shape, in files',
      {
        DATABASE_URL_FILE: file('bad-database', 'mysql://u:hush@h/d'),
        REDIS_URL_FILE: file('bad-redis', 'hush'),
        AUTH_KEYS_FILE: file('bad-keys', 'hush'),
        SMTP_URL_FILE: file('bad-smtp', 'hush'),
        METRICS_TOKEN_FILE: file('bad-token', 'hush'),
      },
    ],
    ['in the place of its path', { DATABASE_URL_FILE: 'hush', REDIS_URL_FILE: 'hush', AUTH_KEYS_FILE: 'hush' }],
    [
      'that opens nothing',
      { DATABASE_URL: 'postgres://hush:hush@127.0.0.1:1/d', REDIS_URL: 'redis://:hush@127.0.0.1:1', AUTH_KEYS: keys },
    ],
    [
      'that is no key',
      {
        DATABASE_URL: 'postgres://127.0.0.1:1/d',
        REDIS_URL: 'redis://127.0.0.1:1',
        AUTH_KEYS: '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"hush","d":"hush"}]}',
      },
    ],
  ])('does not print a secret %s', async (_what, env) => {
    const { code, output } = await failing(env);
    expect(code).toBe(1);
    expect(output).not.toContain('hush');
    expect(output).not.toContain('"d"');
    expect(output.trim()).not.toBe('');
  });
});

describeRedis('An instance in production, its secrets in files', () => {
  const redis = useRedis();
  const cluster = useCluster({ instances: 0 });
  const token = 'a-token-of-the-scraper';
  let instance: RunningInstance;

  const started = async (): Promise<RunningInstance> => {
    instance ??= await cluster.start({
      NODE_ENV: 'production',
      DATABASE_URL: '',
      DATABASE_URL_FILE: file('database', cluster.databaseUrl),
      REDIS_URL_FILE: file('redis', redis.url),
      AUTH_KEYS_FILE: file('keys', keys),
      METRICS_TOKEN_FILE: file('token', token),
      SEED: '',
      LOG_LEVEL: 'debug',
    });
    return instance;
  };

  test('serves, has nobody and nothing in it, and says no secret', async () => {
    const { url } = await started();
    const guest = new Actor(url, null);
    expect(await guest.ask('{ users { totalCount } videoEvents { totalCount } }')).toEqual({
      users: { totalCount: 0 },
      videoEvents: { totalCount: 0 },
    });
    expect(instance.output).toContain('Ovation is ready');
    expect(instance.output).not.toContain('Demo accounts');
    const { password } = new URL(cluster.databaseUrl);
    const { d } = JSON.parse(keys).keys[0];
    for (const secret of [d, token, ...(password === '' ? [] : [password])]) {
      expect(instance.output).not.toContain(secret);
    }
    expect(existsSync(join(cluster.dataDir, 'auth-keys.json'))).toBe(false);
  });

  test('gives its metrics to the holder of the token alone', async () => {
    const { url } = await started();
    const status = async (headers: Record<string, string>) => (await fetch(`${url}/metrics`, { headers })).status;
    expect(await status({ authorization: `Bearer ${token}` })).toBe(200);
    expect(await status({})).toBe(401);
    expect(await status({ authorization: 'Bearer something-else-of-it' })).toBe(401);
  });

  test('has no GraphiQL, and tells browsers to take answers for what they are', async () => {
    const { url } = await started();
    for (const path of ['/graphql', '/', '/graphiql']) {
      const response = await fetch(`${url}${path}`, { headers: { accept: 'text/html' } });
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(await response.text()).not.toContain('<html');
    }
    for (const path of ['/health', '/ready', '/.well-known/jwks.json']) {
      const response = await fetch(`${url}${path}`);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(await response.text()).not.toContain('"d"');
    }
  });

  test.each(Object.entries(transports))('tells nothing of its schema over %s', async (_name, send) => {
    const { url } = await started();
    const filtered = 'query($filter: VideoEventFilter) { videoEvents(filter: $filter) { totalCount } }';
    for (const request of [
      { query: '{ __schema { types { name } } }' },
      { query: '{ __type(name: "User") { name } }' },
      { query: '{ viewr { id } }' },
      { query: '{ videoEvents(filtr: {}) { totalCount } }' },
      { query: '{ videoEvents(filter: { status: [LIVEE] }) { totalCount } }' },
      { query: filtered, variables: { filter: { statu: ['LIVE'] } } },
      { query: filtered, variables: { filter: { status: ['LIVEE'] } } },
    ]) {
      const answer = await send(url, request);
      expect(answer.data ?? null).toBeNull();
      expect(new Set(codesOf(answer))).toEqual(new Set(['BAD_REQUEST']));
      expect(JSON.stringify(answer)).not.toMatch(/did you mean/i);
    }
  });

  test.each(Object.entries(transports))('masks a fault over %s and names its request', async (_name, send) => {
    const { url } = await started();
    await run(cluster.databaseUrl, 'ALTER TABLE "User" RENAME TO "Elsewhere"');
    try {
      const answer = await send(url, { query: '{ users { edges { cursor } } }' });
      expect(codesOf(answer)).toEqual(['INTERNAL']);
      const { message, extensions } = answer.errors?.[0] ?? {};
      expect(message).toBe(`Unexpected error. Request id: ${extensions?.requestId}`);
      expect(JSON.stringify(answer)).not.toMatch(/prisma|Elsewhere|relation|\.ts/i);
      expect(instance.output).toContain(String(extensions?.requestId));
    } finally {
      await run(cluster.databaseUrl, 'ALTER TABLE "Elsewhere" RENAME TO "User"');
    }
  });

  test('takes no page of this machine for one of its own front ends', async () => {
    const { url } = await started();
    const response = await fetch(`${url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:3000', 'access-control-request-method': 'POST' },
    });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('is found healthy by the doctor, who reads the same files', async () => {
    await started();
    const output = execFileSync(process.execPath, ['dist/src/cli/main.js', 'doctor'], {
      cwd: root,
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH,
        NODE_ENV: 'production',
        PORT: '0',
        DATA_DIR: cluster.dataDir,
        DATABASE_URL_FILE: join(folder, 'database'),
        REDIS_URL_FILE: join(folder, 'redis'),
        AUTH_KEYS_FILE: join(folder, 'keys'),
      },
    });
    expect(output).not.toContain('FAULT');
    expect(output).not.toContain(JSON.parse(keys).keys[0].d);
  });

  test('ends with 0 when it is told to', async () => {
    const { code } = await (await started()).endBy('SIGTERM');
    expect(code).toBe(0);
  });
});
