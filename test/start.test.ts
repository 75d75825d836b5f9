import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { pendingMigrations } from '../src/db/migrations.ts';
import { createDatabase, databaseUrl, run } from './database.ts';
import { hold, select } from './faults/sql.ts';
import { until } from './wait.ts';

/** Key of the advisory lock that whoever migrates has, in src/db/migrations.ts. */
const migrationsLock = 6828466;

/** The server as `npm start` runs it, from its source. */
class Start {
  output = '';
  errors = '';
  readonly process: ChildProcess;

  constructor(env: Record<string, string>) {
    const { PATH, HOME } = process.env;
    this.process = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
      env: { PATH, HOME, DATA_DIR: join(tmpdir(), `ovation-start-${process.pid}`), ...env },
    });
    this.process.stdout?.on('data', (data) => {
      this.output += data;
    });
    this.process.stderr?.on('data', (data) => {
      this.errors += data;
    });
  }

  async exitCode(): Promise<number | null> {
    if (this.process.exitCode !== null) return this.process.exitCode;
    const [code] = await once(this.process, 'exit');
    return code;
  }
}

const starts: Start[] = [];
function start(env: Record<string, string>): Start {
  const started = new Start(env);
  starts.push(started);
  return started;
}

afterEach(() => {
  for (const { process } of starts.splice(0)) process.kill('SIGKILL');
});

describe('starting the server', () => {
  test('wrong configuration: every wrong key at once, exit code 1', async () => {
    const started = start({ PORT: 'x', DATABASE_URL: 'nonsense', LOG_LEVEL: 'loud' });
    expect(await started.exitCode()).toBe(1);
    for (const key of ['PORT', 'DATABASE_URL', 'LOG_LEVEL']) expect(started.errors).toContain(`${key}: `);
    expect(started.errors).not.toContain('    at ');
  });

  test('production without its parts: says what is missing, exit code 1', async () => {
    const started = start({ NODE_ENV: 'production' });
    expect(await started.exitCode()).toBe(1);
    for (const key of ['DATABASE_URL', 'REDIS_URL', 'AUTH_KEYS']) expect(started.errors).toContain(`${key}: required`);
  });

  test('a database that does not answer is named in a sentence', async () => {
    const started = start({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', PORT: '0' });
    expect(await started.exitCode()).toBe(1);
    expect(started.errors).toContain('No PostgreSQL answers at 127.0.0.1:1 (ECONNREFUSED). Correct host and port');
    expect(started.errors).not.toContain('    at ');
  });

  test('a database that is not there and an address of another machine are named with their remedy', async () => {
    const database = await createDatabase();
    const missing = start({ DATABASE_URL: databaseUrl(database.url, 'ovation_none_such'), PORT: '0' });
    const elsewhere = start({ DATABASE_URL: database.url, HOST: '192.0.2.1', PORT: '0' });
    expect([await missing.exitCode(), await elsewhere.exitCode()]).toEqual([1, 1]);
    expect(missing.errors).toMatch(/has no database "ovation_none_such"\. Create it/);
    expect(elsewhere.errors).toContain('HOST 192.0.2.1 cannot be listened on (EADDRNOTAVAIL). Set HOST');
    for (const { errors } of [missing, elsewhere]) expect(errors).not.toContain('    at ');
    await database.drop();
  });

  test('a port in use says so, and which', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const database = await createDatabase();
    const port = String(typeof address === 'object' ? address?.port : 0);
    const started = start({ DATABASE_URL: database.url, PORT: port });
    expect(await started.exitCode()).toBe(1);
    expect(started.errors).toContain(`The port is in use: another program listens on 127.0.0.1:${port}`);
    expect(started.errors).not.toContain('    at ');
    other.close();
    await database.drop();
  });

  test('keys and persisted operations that are none are told at once, before anything is migrated', async () => {
    const name = `ovation_untouched_${process.pid}`;
    const server = inject('postgresUrl');
    await run(server, `CREATE DATABASE ${name}`);
    const url = databaseUrl(server, name);
    const pending = await pendingMigrations(url);
    const started = start({ DATABASE_URL: url, PORT: '0', AUTH_KEYS: '{"keys":[]}', PERSISTED_OPERATIONS: '/no-such' });
    expect(await started.exitCode()).toBe(1);
    expect(started.errors).toContain('AUTH_KEYS: keys: must hold at least one key');
    expect(started.errors).toContain('PERSISTED_OPERATIONS: /no-such cannot be read (ENOENT)');
    expect(started.errors).not.toContain('    at ');
    expect(await pendingMigrations(url)).toEqual(pending);
    await run(server, `DROP DATABASE ${name} WITH (FORCE)`);
  });

  test('told to leave while another instance migrates, it does not go on starting, and ends with 0', async () => {
    const database = await createDatabase();
    const last = 'WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)';
    const migrating = await hold(database.url, ['SELECT pg_advisory_lock($1)', [migrationsLock]]);
    await run(database.url, `UPDATE _prisma_migrations SET finished_at = NULL ${last}`);
    const started = start({ DATABASE_URL: database.url, PORT: '0', SEED: 'false', LOG_LEVEL: 'info' });
    const waiting = `SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
      WHERE d.datname = current_database() AND locktype = 'advisory' AND objid = $1 AND NOT granted`;
    await until(async () => (await select(database.url, waiting, [migrationsLock])).length === 1, {
      what: 'the instance to wait for the lock',
    });
    started.process.kill('SIGTERM');
    await until(() => started.errors.includes('draining'), { what: 'the signal to arrive' });
    await run(database.url, `UPDATE _prisma_migrations SET finished_at = now() ${last}`);
    await migrating.letGo();
    expect(await started.exitCode(), started.errors).toBe(0);
    expect(started.output).not.toContain('Ovation is ready');
    await database.drop();
  });

  test('the banner names every address and account, the demo data load once, and SIGTERM ends with 0', async () => {
    const database = await createDatabase();
    const users = async () => {
      const started = start({ DATABASE_URL: database.url, PORT: '0', SEED: 'true', LOG_LEVEL: 'silent' });
      await until(() => started.output.includes('cleo'), { limitMs: 30_000, what: 'the banner' });
      const url = /GraphQL +(\S+)/.exec(started.output)?.[1] ?? '';
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          query:
            '{ users { totalCount } videoEvents { totalCount edges { node { title status messages { edges { node { text } } } } } } }',
        }),
      });
      const answer: unknown = await response.json();
      started.process.kill('SIGTERM');
      expect(await started.exitCode()).toBe(0);
      expect(started.output).toMatch(/password for all: \S+/);
      return answer;
    };
    const first = await users();
    expect(first).toMatchObject({ data: { users: { totalCount: 5 }, videoEvents: { totalCount: 4 } } });
    expect(await users()).toEqual(first);
    await database.drop();
  }, 90_000);
});
