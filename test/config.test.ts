import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from '../src/config.ts';

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

test('a number is written in digits, and nothing else is taken for one', () => {
  for (const PORT of [' ', '0x10', '1e3', '40.5', '4000 '])
    expect(problemsOf({ PORT }).join()).toMatch(/^PORT: .*digits/);
  expect(readConfig({ PORT: '0' }).port).toBe(0);
});

test('an empty environment is a development server with an embedded database and demo data', () => {
  expect(readConfig({})).toMatchObject({
    production: false,
    port: 4000,
    databaseUrl: null,
    redisUrls: null,
    seed: true,
  });
});

test('every wrong key is named at once', () => {
  const problems = problemsOf({ PORT: 'http', DATABASE_URL: 'mysql://x', REDIS_URL: 'localhost', LOG_LEVEL: 'loud' });
  expect(problems.map((problem) => problem.split(/[:.]/)[0]).sort()).toEqual([
    'DATABASE_URL',
    'LOG_LEVEL',
    'PORT',
    'REDIS_URL',
  ]);
});

test('production names everything that is missing, beside what is wrong', () => {
  const problems = problemsOf({ NODE_ENV: 'production', PORT: '-1' });
  for (const key of ['PORT', 'DATABASE_URL', 'REDIS_URL', 'AUTH_KEYS']) {
    expect(problems.filter((problem) => problem.startsWith(key))).toHaveLength(1);
  }
});

const production = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://x',
  REDIS_URL: 'redis://x',
  AUTH_KEYS: '{}',
};

test('an external issuer needs an audience, another name than ours, and https in production', () => {
  const issuer = 'https://issuer.example.test';
  expect(readConfig({ OIDC_ISSUER: issuer, OIDC_AUDIENCE: 'ovation' }).oidc).toMatchObject({ issuer, jwksUrl: null });
  expect(problemsOf({ OIDC_AUDIENCE: 'ovation', OIDC_JWKS_URL: `${issuer}/keys` })).toEqual([
    'OIDC_AUDIENCE: needs OIDC_ISSUER',
    'OIDC_JWKS_URL: needs OIDC_ISSUER',
  ]);
  expect(problemsOf({ OIDC_ISSUER: issuer })).toEqual(['OIDC_AUDIENCE: required with OIDC_ISSUER']);
  expect(problemsOf({ OIDC_ISSUER: issuer, OIDC_AUDIENCE: 'x', AUTH_ISSUER: issuer })).toHaveLength(1);
  expect(problemsOf({ ...production, OIDC_ISSUER: 'http://issuer', OIDC_AUDIENCE: 'x' })).toEqual([
    'OIDC_ISSUER: must begin with https:// in production',
  ]);
});

test('mail goes to the outbox in development, to the mail server where there is one, and nowhere in production without', () => {
  expect(readConfig({}).mail).toMatchObject({ smtpUrl: null, publicUrl: 'http://localhost:3000' });
  expect(readConfig(production).mail).toBeNull();
  const given = { ...production, SMTP_URL: 'smtps://u:p@mail.example.test' };
  expect(problemsOf(given)).toEqual([
    'MAIL_FROM: required with SMTP_URL in production',
    'PUBLIC_URL: required with SMTP_URL in production',
  ]);
  expect(readConfig({ ...given, MAIL_FROM: 'a@example.test', PUBLIC_URL: 'https://show.example.test/' }).mail).toEqual({
    smtpUrl: given.SMTP_URL,
    from: 'a@example.test',
    publicUrl: 'https://show.example.test',
  });
});

test('an empty variable counts as absent', () => {
  expect(readConfig({ DATABASE_URL: '', REDIS_URL: '' })).toMatchObject({ databaseUrl: null, redisUrls: null });
});

test('origins become what browsers send of them', () => {
  const given = 'https://Show.Example.com, http://localhost:3000/, https://show.example.com:443, http://[::1]:80';
  expect(readConfig({ ALLOWED_ORIGINS: given }).allowedOrigins).toEqual([
    'https://show.example.com',
    'http://localhost:3000',
    'https://show.example.com',
    'http://[::1]',
  ]);
});

test.each([
  'show.example.com',
  'localhost:3000',
  'https://show.example.com/live',
  'https://show.example.com/?a',
  'https://*.example.com',
  '*',
  'null',
  'https://user@show.example.com',
  'ftp://show.example.com',
])('%s is no origin that a browser sends, and is refused', (entry) => {
  const problems = problemsOf({ ALLOWED_ORIGINS: `https://fine.example.com,${entry}` });
  expect(problems).toEqual([expect.stringMatching(/^ALLOWED_ORIGINS\.1: ".*" must be an origin such as/)]);
  expect(problems[0]).toContain(`"${entry}"`);
});

test('several Redis nodes are a list', () => {
  expect(readConfig({ REDIS_URL: 'redis://a:1, redis://b:2' }).redisUrls).toEqual(['redis://a:1', 'redis://b:2']);
});

test('a database of one’s own is not filled with demo data unless asked', () => {
  expect(readConfig({ DATABASE_URL: 'postgres://x' }).seed).toBe(false);
  expect(readConfig({ DATABASE_URL: 'postgres://x', SEED: 'true' }).seed).toBe(true);
});

test('metrics are served outside production, and in production with a token or on request', () => {
  const production = { NODE_ENV: 'production', DATABASE_URL: 'postgres://x', REDIS_URL: 'redis://x', AUTH_KEYS: '{}' };
  const token = 'sixteen-or-more-letters';
  expect(readConfig({}).metrics).toEqual({ token: null });
  expect(readConfig({ METRICS: 'false' }).metrics).toBeNull();
  expect(readConfig(production).metrics).toBeNull();
  expect(readConfig({ ...production, METRICS: 'true' }).metrics).toEqual({ token: null });
  expect(readConfig({ ...production, METRICS_TOKEN: token }).metrics).toEqual({ token });
  expect(readConfig({ ...production, METRICS: 'false', METRICS_TOKEN: token }).metrics).toBeNull();
  expect(problemsOf({ METRICS_TOKEN: 'short' }).join()).toMatch(/^METRICS_TOKEN/);
  expect(problemsOf({ METRICS_TOKEN: 'sixteen or more letters' }).join()).toMatch(/^METRICS_TOKEN: .*no white space/);
});

describe('A secret in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ovation-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  test('is read without the newline at its end, and fills the place of the variable in production too', () => {
    const keys = '{\n"keys": []\n}';
    const config = readConfig({
      NODE_ENV: 'production',
      DATABASE_URL_FILE: file('database', 'postgres://a:b@c/d\n'),
      REDIS_URL_FILE: file('redis', 'redis://a:1,redis://b:2\r\n'),
      AUTH_KEYS_FILE: file('keys', `${keys}\n`),
      SMTP_URL_FILE: file('smtp', 'smtps://u:p@mail.example.test'),
      MAIL_FROM: 'a@example.test',
      PUBLIC_URL: 'https://show.example.test',
      METRICS_TOKEN_FILE: file('token', 'sixteen-or-more-letters\n'),
    });
    expect(config).toMatchObject({
      databaseUrl: 'postgres://a:b@c/d',
      redisUrls: ['redis://a:1', 'redis://b:2'],
      auth: { keys },
      mail: { smtpUrl: 'smtps://u:p@mail.example.test' },
      metrics: { token: 'sixteen-or-more-letters' },
      seed: false,
    });
  });

  test('loses one newline and no more', () => {
    const keys = readConfig({ AUTH_KEYS_FILE: file('newlines', ' {}\n\n') }).auth.keys;
    expect(keys).toBe(' {}\n');
  });

  test.each(['DATABASE_URL', 'REDIS_URL', 'AUTH_KEYS', 'SMTP_URL', 'METRICS_TOKEN'])(
    'is refused by the name of its variable, and never quoted: %s',
    (name) => {
      const key = `${name}_FILE`;
      expect(problemsOf({ [key]: join(folder, 'hush') })).toEqual([`${key}: the file cannot be read (ENOENT)`]);
      expect(problemsOf({ [key]: folder })).toEqual([`${key}: the file cannot be read (EISDIR)`]);
      expect(problemsOf({ [key]: file('empty', '\n') })).toEqual([`${key}: the file is empty`]);
      const given = { [name]: 'redis://hush', [key]: file('full', 'hush') };
      expect(problemsOf(given)).toContain(`${key}: ${name} is set too; give one of them`);
      const problems = problemsOf({ ...given, NODE_ENV: 'production' });
      expect(problems.join()).not.toContain('hush');
      expect(problems.filter((problem) => problem.startsWith(`${name}: required`))).toEqual([]);
    },
  );

  test('that is wrong inside is named by the variable it stands for', () => {
    expect(problemsOf({ DATABASE_URL_FILE: file('wrong', 'mysql://u:hush@h') })).toEqual([
      'DATABASE_URL: must be a URL that begins with postgres:// or postgresql://',
    ]);
  });
});

test('persisted operations are optional, or enforced where there is a manifest', () => {
  expect(readConfig({}).persistedOperations).toBeNull();
  const given = { PERSISTED_OPERATIONS: 'manifest.json' };
  expect(readConfig(given).persistedOperations).toEqual({ manifest: 'manifest.json', only: false });
  expect(readConfig({ ...given, PERSISTED_OPERATIONS_ONLY: 'true' }).persistedOperations?.only).toBe(true);
  expect(problemsOf({ PERSISTED_OPERATIONS_ONLY: 'true' })).toEqual([
    'PERSISTED_OPERATIONS_ONLY: needs PERSISTED_OPERATIONS',
  ]);
});
