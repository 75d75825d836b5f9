import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../free-port.ts';
import { type Account, asAccount } from './account.ts';
import { EmbeddedPostgresError, lastLines, systemCode } from './error.ts';
import { postmasterFile } from './leftover.ts';
import { shutDown } from './processes.ts';

/** After a crash PostgreSQL replays its log before it accepts anyone. */
const START_WITHIN_MS = 60_000;
const ATTEMPTS = 20;

export interface RunningServer {
  port: number;
  /** Fast shutdown, bounded, then by force. Resolves when the process is gone. */
  stop(): Promise<void>;
}

interface ServerOptions {
  program: string;
  cluster: string;
  directory: string;
  account: Account | null;
  /** Undefined: a free one. */
  port?: number;
  settings: Record<string, string>;
  log: (line: string) => void;
}

function launch(options: ServerOptions, port: number, logFile: string): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    logging_collector: 'off',
    log_destination: 'stderr',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...options.settings,
    port: String(port),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // Written by the server itself: a pipe to this process would break when this process is killed.
  const output = openSync(logFile, 'w', 0o600);
  try {
    return spawn(options.program, ['-D', options.cluster, ...flags], {
      ...asAccount(options.account),
      stdio: ['ignore', output, output],
      // Its own process group: Ctrl-C in the terminal must reach this process alone, which drains before it stops PostgreSQL.
      detached: true,
    });
  } finally {
    closeSync(output);
  }
}

/** Waits until `child` accepts connections; false when it ended first. */
async function awaitReady(child: ChildProcess, cluster: string, ended: () => boolean): Promise<boolean> {
  for (const until = Date.now() + START_WITHIN_MS; Date.now() < until; await delay(10)) {
    if (ended()) return false;
    const lines = postmasterFile(cluster);
    if (Number(lines?.[0]) === child.pid && lines?.[7]?.trim() === 'ready') return true;
  }
  return false;
}

/** One attempt: the server, or the end of its log. */
async function attempt(options: ServerOptions, port: number): Promise<RunningServer | { failure: string }> {
  const logFile = join(options.directory, 'postgres.log');
  const child = launch(options, port, logFile);
  let ended = false;
  let stopping = false;
  const stopAtExit = () => {
    if (!ended) child.kill('SIGINT');
  };
  // Whoever leaves without stop(), by process.exit or an uncaught exception, takes PostgreSQL along.
  process.on('exit', stopAtExit);
  const end = (why: string) => {
    if (ended) return;
    ended = true;
    process.off('exit', stopAtExit);
    if (ready && !stopping) options.log(`PostgreSQL ended by itself (${why}); its log is ${logFile}.`);
  };
  let ready = false;
  child.once('exit', (code, signal) => end(String(signal ?? code)));
  child.once('error', (error) => end(error.message));
  const stop = async () => {
    stopping = true;
    if (child.pid !== undefined) await shutDown(child.pid, () => ended);
  };
  ready = await awaitReady(child, options.cluster, () => ended);
  if (!ready) {
    await stop();
    return { failure: readFileSync(logFile, 'utf8') };
  }
  // A process that has nothing else to do may end, which stops PostgreSQL too.
  child.unref();
  return { port, stop };
}

/** Starts PostgreSQL on a complete cluster that nobody else uses. Throws EmbeddedPostgresError with the end of its log. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const logFile = join(options.directory, 'postgres.log');
  try {
    renameSync(logFile, join(options.directory, 'postgres.previous.log'));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  let failure = '';
  for (let tries = 0; tries < ATTEMPTS; tries += 1) {
    const port = options.port ?? (await freePort());
    const result = await attempt(options, port);
    if ('port' in result) return result;
    failure = result.failure;
    const portTaken = /could not create any TCP\/IP sockets/.test(failure);
    if (portTaken && options.port !== undefined) {
      throw new EmbeddedPostgresError(
        `Port ${port} on 127.0.0.1 is in use by another program, so PostgreSQL cannot have it.`,
      );
    }
    // After a kill -9 of the server its last children need a moment to notice.
    if (/pre-existing shared memory block|is still in use/.test(failure)) await delay(250);
    else if (!portTaken) break;
  }
  throw new EmbeddedPostgresError(
    `PostgreSQL did not start on ${options.cluster}. The end of its log:\n${lastLines(failure)}`,
  );
}
