import { join } from 'node:path';
import closeWithGrace from 'close-with-grace';
import { type App, createApp } from './app.ts';
import { banner } from './banner.ts';
import { suitCollectorToCores } from './collector.ts';
import { type Config, readConfig } from './config.ts';
import { loadConfigFiles } from './config-files.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './db/embedded-postgres.ts';
import { applyMigrations } from './db/migrations.ts';
import { seed } from './demo/seed.ts';
import { explainStart } from './explain-start.ts';
import { createLog, type Log } from './log.ts';

/** How long open work may take after SIGTERM, in ms. */
const drainMs = 8000;

/** What runs so far: a signal may come at any moment of the start. */
interface Running {
  embedded: EmbeddedPostgres | null;
  app: App | null;
}

/** Rejects with the signal's reason, between two steps, when it is to leave before it has started. */
async function start(config: Config, log: Log, running: Running, leaving: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  // Before anything is changed: an instance that cannot run is not to migrate for the others.
  const files = await loadConfigFiles(config);
  leaving.throwIfAborted();
  if (config.databaseUrl === null) {
    const directory = join(config.dataDir, 'postgres');
    running.embedded = await startEmbeddedPostgres({ directory, log: (line) => log.info(line) });
  }
  leaving.throwIfAborted();
  const databaseUrl = running.embedded?.url ?? config.databaseUrl ?? '';
  const migrations = await applyMigrations(databaseUrl);
  leaving.throwIfAborted();
  const app = await createApp({ config, databaseUrl, log, files });
  running.app = app;
  leaving.throwIfAborted();
  const demo = config.seed ? await seed(app) : null;
  const { embedded } = running;
  const startedMs = performance.now() - startedAt;
  process.stdout.write(banner({ config, url: app.url, embedded, migrations, demo, startedMs }));
}

async function stop({ app, embedded }: Running): Promise<void> {
  await app?.drain(drainMs);
  await embedded?.stop();
}

async function main(): Promise<void> {
  suitCollectorToCores();
  const config = readConfig(process.env);
  const log = createLog(config);
  const running: Running = { embedded: null, app: null };
  const leave = new AbortController();
  const started = start(config, log, running, leave.signal);
  closeWithGrace({ delay: config.drainDelayMs + drainMs + 2000, logger: false }, async ({ err, signal }) => {
    if (err !== undefined) log.fatal({ err }, 'an error nobody expected; the instance ends');
    else log.info({ signal }, 'draining');
    leave.abort();
    // What is being started can be stopped once it runs. Whether the start fails is told below.
    await started.catch(() => {});
    await stop(running);
  });
  try {
    await started;
  } catch (error) {
    // Who asked it to leave stops what runs.
    if (error === leave.signal.reason) return;
    await stop(running);
    throw error;
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${explainStart(error)}\n`);
  process.exit(1);
});
