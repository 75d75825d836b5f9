import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../free-port.ts';

const PROGRAMS = ['redis-server', 'valkey-server'];
export const REDIS_INSTALL_COMMAND = 'apt-get install redis-server';
const START_WITHIN_MS = 10_000;
const STOP_WITHIN_MS = 5_000;
const ATTEMPTS = 5;

/** No private Redis can run. `message` is a sentence for a person, with the command that helps. */
export class PrivateRedisError extends Error {
  override name = 'PrivateRedisError';
}

export interface PrivateRedis {
  /** `redis://127.0.0.1:port` */
  url: string;
  pid: number;
  /** Resolves when the process is gone, whoever ended it. */
  stop(): Promise<void>;
}

/** The path of a Redis or Valkey server in PATH, or null. */
export function findRedisServer(): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const path of PROGRAMS.flatMap((program) => folders.map((folder) => join(folder, program)))) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

/** Whether the Redis that answers on `port` within a second is the process `pid`, and no other that had the port first. */
function answersAs(pid: number, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: 1_000 }, () => {
      socket.write('INFO server\r\nPING\r\n');
    });
    let answer = '';
    const end = () => {
      socket.destroy();
      resolve(answer.includes(`process_id:${pid}\r\n`));
    };
    socket.on('data', (data) => {
      answer += data;
      if (answer.endsWith('+PONG\r\n')) end();
    });
    for (const event of ['error', 'timeout', 'close']) socket.once(event, end);
  });
}

const hasEnded = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null || child.pid === undefined;

async function stopChild(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  // One that was paused takes the signal only when it goes on.
  child.kill('SIGCONT');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await gone;
  clearTimeout(force);
}

/** Starts `program` and waits for its first answer; the end of its output when it does not come. */
async function attempt(program: string, port: number, directory: string): Promise<PrivateRedis | { failure: string }> {
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: directory,
    save: '',
    appendonly: 'no',
    loglevel: 'warning',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  // Its own process group: Ctrl-C in the terminal is the servers' to handle first.
  const child = spawn(program, flags, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  const collect = (chunk: Buffer) => {
    output = (output + chunk).slice(-2_000);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  child.once('error', (error) => collect(Buffer.from(error.message)));
  const stopAtExit = () => child.kill('SIGTERM');
  process.on('exit', stopAtExit);
  child.once('exit', () => process.off('exit', stopAtExit));
  for (const until = Date.now() + START_WITHIN_MS; Date.now() < until && !hasEnded(child); await delay(10)) {
    if (child.pid !== undefined && (await answersAs(child.pid, port))) {
      // Neither the process nor its output, which is of no interest any more, keeps this one alive.
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      return { url: `redis://127.0.0.1:${port}`, pid: child.pid, stop: () => stopChild(child) };
    }
  }
  await stopChild(child);
  return { failure: output.trim() };
}

/**
 * Starts a Redis of this process's own on 127.0.0.1, which keeps nothing on disk, and resolves when it answers. It ends with this
 * process. Throws PrivateRedisError.
 * @param options.directory its working directory, @default the system's temporary folder
 * @param options.port @default a free one
 */
export async function startPrivateRedis(options: { directory?: string; port?: number } = {}): Promise<PrivateRedis> {
  const program = findRedisServer();
  if (program === null) {
    throw new PrivateRedisError(
      `No Redis server is installed (looked for ${PROGRAMS.join(' and ')}). Run: ${REDIS_INSTALL_COMMAND}`,
    );
  }
  let failure = '';
  for (let tries = 0; tries < ATTEMPTS; tries += 1) {
    const port = options.port ?? (await freePort());
    const result = await attempt(program, port, options.directory ?? tmpdir());
    if ('url' in result) return result;
    failure = result.failure;
    if (options.port !== undefined || !/already in use/i.test(failure)) break;
  }
  throw new PrivateRedisError(`${program} does not start: ${failure}`);
}
