import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAlive, postgresesOn } from '../../src/db/embedded/processes.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { until } from '../wait.ts';

const owner = fileURLToPath(new URL('./embedded-owner.ts', import.meta.url));
let folder = '';
let directory = '';
let running: EmbeddedPostgres[] = [];
let children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ovation embedded '));
  // Only its maker may enter a new temporary folder; a test that wants that says so.
  chmodSync(folder, 0o755);
  directory = join(folder, 'data', 'postgres');
});

afterEach(async () => {
  await Promise.all(children.map(end));
  await Promise.all(running.map((postgres) => postgres.stop()));
  running = [];
  children = [];
  // An owner that ends does not wait for its PostgreSQL, which still needs its files.
  await until(() => postgresesOn(join(directory, 'cluster')).length === 0, { what: 'PostgreSQL to end' });
  rmSync(folder, { recursive: true, force: true });
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

async function start(options: { port?: number; log?: (line: string) => void } = {}): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ directory, settings: { fsync: 'off' }, ...options });
  running.push(postgres);
  return postgres;
}

async function startOwner(then: 'wait' | 'leave'): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', owner, directory, then], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [output] = await once(child.stdout, 'data');
  return { child, url: String(output).trim() };
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

const postmasterPid = (dataDirectory: string) =>
  Number(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0]);

test('data written in one run are there in the next, from a path with a space', async () => {
  const first = await start();
  await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  const pid = postmasterPid(first.dataDirectory);
  await first.stop();
  expect(isAlive(pid)).toBe(false);

  const startedAt = performance.now();
  const second = await start();
  console.log(`second start of the embedded PostgreSQL: ${Math.round(performance.now() - startedAt)} ms`);
  expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('text is UTF-8 and cased as such, whatever locales the system has', async () => {
  const { url } = await start();
  const rows = await query(url, `SELECT lower('ÄÉ') AS lower, current_setting('server_encoding') AS encoding`);
  expect(rows).toEqual([{ lower: 'äé', encoding: 'UTF8' }]);
});

test('it listens on 127.0.0.1 alone, demands the password, and keeps password and data to itself', async () => {
  const { url, dataDirectory } = await start();
  const [settings] = await query(
    url,
    `SELECT current_setting('listen_addresses') AS listen, current_setting('unix_socket_directories') AS sockets`,
  );
  expect(settings).toEqual({ listen: '127.0.0.1', sockets: '' });
  const wrong = new URL(url);
  wrong.password = 'wrong';
  await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  expect(statSync(join(directory, 'password')).mode & 0o777).toBe(0o600);
  expect(statSync(dataDirectory).mode & 0o777).toBe(0o700);
});

test('in a folder that only its owner may enter it starts as well, and a link says where the data are', async () => {
  chmodSync(folder, 0o700);
  const { url, dataDirectory } = await start();
  try {
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(statSync(dataDirectory).mode & 0o777).toBe(0o700);
    expect(existsSync(join(directory, 'cluster', 'PG_VERSION'))).toBe(true);
    // PostgreSQL runs as this user, or, for root, as an account that cannot enter.
    expect(dataDirectory.startsWith(folder)).toBe(process.getuid?.() !== 0);
  } finally {
    await Promise.all(running.map((postgres) => postgres.stop()));
    if (!dataDirectory.startsWith(folder)) rmSync(dirname(dataDirectory), { recursive: true });
  }
});

test('after kill -9 of its owner the next start stops the PostgreSQL left running and has the data', async () => {
  const { child, url } = await startOwner('wait');
  await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  const left = postmasterPid(join(directory, 'cluster'));
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(left)).toBe(true);

  const lines: string[] = [];
  const next = await start({ log: (line) => lines.push(line) });
  expect(isAlive(left)).toBe(false);
  expect(lines.join()).toContain(`process ${left}`);
  expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('after kill -9 of owner and PostgreSQL the next start recovers', async () => {
  const { child, url } = await startOwner('wait');
  await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  process.kill(postmasterPid(join(directory, 'cluster')), 'SIGKILL');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const next = await start();
  expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('a pid file whose number now belongs to another program does not stop the start, nor that program', async () => {
  const { dataDirectory, stop } = await start();
  const text = readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8');
  await stop();
  const { uid, gid } = statSync(dataDirectory);
  // As PostgreSQL's account: of its own processes it would believe that they are a PostgreSQL.
  const other = spawn('sleep', ['60'], { uid, gid, cwd: '/' });
  children.push(other);
  await once(other, 'spawn');
  writeFileSync(join(dataDirectory, 'postmaster.pid'), text.replace(/^\d+/, String(other.pid)), { mode: 0o600 });

  const next = await start();
  expect(await query(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(other.exitCode ?? other.signalCode).toBe(null);
});

test('a directory in use by a live server is refused with its pid and what to do', async () => {
  const { child } = await startOwner('wait');
  await expect(start()).rejects.toThrow(new RegExp(`process ${child.pid}\\).*DATA_DIR.*DATABASE_URL`));
});

test('an owner that ends without stopping it takes its PostgreSQL along', async () => {
  const { child, url } = await startOwner('leave');
  expect(url).toMatch(/^postgres:/);
  if (child.exitCode === null) await once(child, 'exit');
  await until(() => !existsSync(join(directory, 'cluster', 'postmaster.pid')), { what: 'PostgreSQL to end' });
});

test('a cluster that was being made when its maker was killed is made anew', async () => {
  mkdirSync(join(directory, 'cluster.new-0123456789ab', 'data', 'base'), { recursive: true });
  const { url } = await start();
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect(readdirSync(directory).filter((name) => name.startsWith('cluster.'))).toEqual([]);
});

test('data of another PostgreSQL version, or without their password, are refused and left alone', async () => {
  const { dataDirectory, stop } = await start();
  await stop();
  writeFileSync(join(dataDirectory, 'PG_VERSION'), '12\n');
  await expect(start()).rejects.toThrow(/written by PostgreSQL 12/);
  writeFileSync(join(dataDirectory, 'PG_VERSION'), '18\n');
  rmSync(join(directory, 'password'));
  await expect(start()).rejects.toThrow(/password/);
  expect(existsSync(join(directory, 'owner.json'))).toBe(false);
});

test('a data directory that cannot be written says so', async () => {
  writeFileSync(join(folder, 'data'), 'a file');
  await expect(start()).rejects.toThrow(/Cannot write to the data directory .*: there is a file in its place/);
});

test('a port in use says so', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  try {
    await expect(start({ port })).rejects.toThrow(`Port ${port} on 127.0.0.1 is in use`);
  } finally {
    server.close();
  }
});
