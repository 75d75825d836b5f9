import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import closeWithGrace from 'close-with-grace';
import { readConfig } from './config.ts';
import { loadConfigFiles } from './config-files.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './db/embedded-postgres.ts';
import { applyMigrations } from './db/migrations.ts';
import { explainStart } from './explain-start.ts';
import { type PrivateRedis, startPrivateRedis } from './realtime/private-redis.ts';

/** `npm run cluster`: three instances over one embedded PostgreSQL and one private Redis, in one terminal. */

const instances = 3;
/** How long an instance may drain before it is killed, in ms. */
const patienceMs = 12_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  // As each instance does, before anything is started or migrated.
  await loadConfigFiles(config);
  const running: { postgres?: EmbeddedPostgres; redis?: PrivateRedis; servers: ChildProcess[] } = { servers: [] };
  closeWithGrace({ delay: patienceMs + 5000, logger: false }, async () => {
    await Promise.all(running.servers.map(stop));
    await running.redis?.stop();
    await running.postgres?.stop();
  });
  if (config.databaseUrl === null) {
    running.postgres = await startEmbeddedPostgres({ directory: join(config.dataDir, 'postgres') });
  }
  if (config.redisUrls === null) running.redis = await startPrivateRedis();
  const environment = {
    ...process.env,
    DATABASE_URL: running.postgres?.url ?? config.databaseUrl ?? '',
    REDIS_URL: running.redis?.url ?? config.redisUrls?.join(',') ?? '',
    // They have their place above.
    DATABASE_URL_FILE: '',
    REDIS_URL_FILE: '',
    SEED: 'true',
  };
  await applyMigrations(environment.DATABASE_URL);
  const first = config.port === 0 ? 4000 : config.port;
  for (let n = 0; n < instances; n++) {
    const server = start(first + n, environment);
    running.servers.push(server);
    await printed(server, first + n);
  }
  const parts = [
    running.postgres === undefined ? null : `embedded PostgreSQL in ${running.postgres.dataDirectory}`,
    running.redis === undefined ? null : `a private Redis at ${running.redis.url}`,
  ].filter((part) => part !== null);
  const over = parts.length > 0 ? ` over ${parts.join(' and ')}` : '';
  process.stdout.write(`\n  ${instances} instances are one Ovation now${over}. Ctrl-C stops them all.\n\n`);
}

/** In a process group of its own: Ctrl-C reaches this process, which then drains the instances before their database goes. */
function start(port: number, environment: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, [...process.execArgv, fileURLToPath(new URL(`main${extension}`, import.meta.url))], {
    env: { ...environment, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}

/** Compiled, or run from its source by tsx. */
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** Passes on what the instance says, each line with its port. Resolves when its banner is out; rejects when it ends before. */
function printed(server: ChildProcess, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('exit', (code) => {
      reject(new Error(`The instance on port ${port} ended with ${code}.`));
      process.stdout.write(`[${port}] ended with ${code}\n`);
    });
    for (const stream of [server.stdout, server.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        process.stdout.write(`[${port}] ${line}\n`);
        if (line.includes('Ovation is ready')) resolve();
      });
    }
  });
}

function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const mercy = setTimeout(() => server.kill('SIGKILL'), patienceMs);
    server.once('exit', () => {
      clearTimeout(mercy);
      resolve();
    });
    server.kill('SIGTERM');
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${explainStart(error)}\n`);
  // close-with-grace stops what was started already.
  process.exitCode = 1;
  process.kill(process.pid, 'SIGTERM');
});
