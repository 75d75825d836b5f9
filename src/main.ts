import { join } from 'node:path';
import closeWithGrace from 'close-with-grace';
import { createApp } from './app.ts';
import { banner } from './banner.ts';
import { type Config, readConfig } from './config.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './db/embedded-postgres.ts';
import { applyMigrations } from './db/migrations.ts';
import { seed } from './demo/seed.ts';
import { explainStart } from './explain-start.ts';
import { createLog, type Log } from './log.ts';

/** How long open work may take after SIGTERM, in ms. */
const drainMs = 8000;

async function main(): Promise<void> {
  const startedAt = performance.now();
  const config = readConfig(process.env);
  const log = createLog(config);
  const embedded = config.databaseUrl === null ? await startEmbedded(config, log) : null;
  try {
    await serve(config, log, embedded, startedAt);
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

async function serve(config: Config, log: Log, embedded: EmbeddedPostgres | null, startedAt: number): Promise<void> {
  const databaseUrl = embedded?.url ?? config.databaseUrl ?? '';
  const migrations = await applyMigrations(databaseUrl);
  const app = await createApp({ config, databaseUrl, log });
  const demo = config.seed ? await seed(app) : null;
  process.stdout.write(
    banner({ config, url: app.url, embedded, migrations, demo, startedMs: performance.now() - startedAt }),
  );
  closeWithGrace({ delay: drainMs + 2000, logger: false }, async ({ err, signal }) => {
    if (err !== undefined) log.fatal({ err }, 'an error nobody expected; the instance ends');
    else log.info({ signal }, 'draining');
    await app.drain(drainMs);
    await embedded?.stop();
  });
}

function startEmbedded(config: Config, log: Log): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ directory: join(config.dataDir, 'postgres'), log: (line) => log.info(line) });
}

main().catch((error: unknown) => {
  process.stderr.write(`${explainStart(error)}\n`);
  process.exit(1);
});
