import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { pendingMigrations } from '../../src/db/migrations.ts';
import { createDatabase, databaseUrl, run, type TestDatabase } from '../database.ts';
import { ovation } from './command-line.ts';

const commands = [
  'doctor',
  'migrate',
  'seed',
  'token',
  'user promote',
  'feeds new-epoch',
  'ledger verify',
  'schema print',
];

describe('the command line', () => {
  test.each(['--help', '-h', 'help'])('names every command: %s', async (asked) => {
    const { code, out } = await ovation([asked]);
    expect(code).toBe(0);
    for (const command of commands) expect(out).toContain(`\n  ${command} `);
  });

  test('says its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await ovation(['--version'])).toEqual({ code: 0, out: version, err: '' });
    expect((await ovation(['migrate', '-h'])).out).toContain('Usage: ovation migrate');
  });

  test.each(commands)('ovation %s --help says how it is called, and does nothing', async (command) => {
    const { code, out } = await ovation([...command.split(' '), '--help'], {
      DATABASE_URL: 'postgres://127.0.0.1:1/x',
    });
    expect(code).toBe(0);
    expect(out).toContain(`Usage: ovation ${command}`);
  });

  test.each([
    ['no command', [], 'Usage'],
    ['an unknown command', ['bless'], 'no command `bless`'],
    ['half a command', ['user'], 'no command `user`'],
    ['an unknown option', ['migrate', '--force'], "Unknown option '--force'"],
    ['an operand too few', ['user', 'promote', 'ava'], '<username> and <ROLE>'],
    ['an operand too many', ['migrate', 'now'], 'It takes nothing more.'],
    ['a role there is none of', ['user', 'promote', 'ava', 'KING'], 'PARTICIPANT, HOST, ADMIN'],
  ])('%s is answered with the usage and exit code 2', async (_what, argv, said) => {
    const { code, out, err } = await ovation(argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(said);
    expect(err).toContain('Usage: ovation');
  });

  test('wrong configuration is told in a sentence, with exit code 1', async () => {
    const { code, err } = await ovation(['migrate'], { DATABASE_URL: 'mysql://x' });
    expect(code).toBe(1);
    expect(err).toContain('DATABASE_URL: must be a URL');
    expect(err).not.toContain('    at ');
  });

  test('ovation schema print is what schema.graphql holds', async () => {
    const { code, out } = await ovation(['schema', 'print']);
    expect(code).toBe(0);
    expect(`${out}\n`).toBe(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
  });
});

describe('ovation migrate and seed', () => {
  let databases: TestDatabase[] = [];
  afterEach(async () => {
    for (const database of databases) await database.drop();
    databases = [];
  });

  async function empty(): Promise<string> {
    const name = `ovation_unmigrated_${process.pid}`;
    const url = databaseUrl(inject('postgresUrl'), name);
    await run(inject('postgresUrl'), `CREATE DATABASE ${name}`);
    databases.push({ url, drop: () => run(inject('postgresUrl'), `DROP DATABASE ${name} WITH (FORCE)`) });
    return url;
  }

  test('migrate prints what it applied, once', async () => {
    const url = await empty();
    const pending = await pendingMigrations(url);
    const first = await ovation(['migrate'], { DATABASE_URL: url });
    expect(first).toMatchObject({ code: 0, out: pending.join('\n') });
    expect(await ovation(['migrate'], { DATABASE_URL: url })).toEqual({
      code: 0,
      out: '',
      err: 'The database is up to date.',
    });
  });

  test('whatever needs the tables says that they are missing', async () => {
    const { code, err } = await ovation(['seed'], { DATABASE_URL: await empty() });
    expect(code).toBe(1);
    expect(err).toContain('ovation migrate');
  });

  test('seed prints the accounts, can be repeated, and is refused in production', async () => {
    const database = await createDatabase();
    databases.push(database);
    const first = await ovation(['seed'], { DATABASE_URL: database.url });
    expect(first.code).toBe(0);
    expect(first.out.split('\n').map((line) => line.split(' ')[0])).toEqual(['maya', 'noor', 'ava', 'ben', 'cleo']);
    expect(await ovation(['seed'], { DATABASE_URL: database.url })).toEqual(first);
    const production = { NODE_ENV: 'production', DATABASE_URL: database.url, REDIS_URL: 'redis://x', AUTH_KEYS: '{}' };
    expect(await ovation(['seed'], production)).toMatchObject({ code: 1, err: 'There is no demo data in production.' });
  });
});

describe('without a DATABASE_URL', () => {
  test('the embedded PostgreSQL is started for the command, and one that runs already is used', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ovation-cli-'));
    const env = { DATA_DIR: folder };
    const first = await ovation(['migrate'], env);
    expect(first).toMatchObject({ code: 0, err: expect.stringContaining('applied') });
    const running = await startEmbeddedPostgres({ directory: join(folder, 'postgres'), settings: { fsync: 'off' } });
    expect(await ovation(['migrate'], env)).toMatchObject({ code: 0, err: 'The database is up to date.' });
    expect((await ovation(['doctor'], env)).out).toMatch(/database +PostgreSQL \d/);
    await running.stop();
    expect((await ovation(['doctor'], env)).out).toContain('embedded: starts with the server');
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('as a program', { timeout: 60_000 }, () => {
  async function program(argv: string[], env: Record<string, string>) {
    const { PATH, HOME } = process.env;
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...argv], {
      env: { PATH, HOME, ...env },
    });
    let out = '';
    child.stdout.on('data', (data) => {
      out += data;
    });
    const [code] = await once(child, 'close');
    return { code, out };
  }

  test('its exit code is 1 where the doctor finds something and 0 where not', async () => {
    const env = { PORT: '0', DATA_DIR: tmpdir() };
    expect(await program(['doctor', '--json'], env)).toMatchObject({ code: 0 });
    const { code, out } = await program(['doctor', '--json'], { ...env, DATABASE_URL: 'postgres://127.0.0.1:1/x' });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ ok: false });
  });

  test('a token command ends by itself when it has printed its answer', async () => {
    const database = await createDatabase();
    const env = { DATABASE_URL: database.url, DATA_DIR: mkdtempSync(join(tmpdir(), 'ovation-cli-')) };
    expect((await program(['seed'], env)).code).toBe(0);
    const { code, out } = await program(['token', 'ava'], env);
    expect(code).toBe(0);
    expect(out).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    rmSync(env.DATA_DIR, { recursive: true });
    await database.drop();
  });
});
