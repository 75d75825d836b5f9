import { join } from 'node:path';
import { type App, createApp } from '../app.ts';
import { type Config, readConfig } from '../config.ts';
import { findEmbeddedPostgres, startEmbeddedPostgres } from '../db/embedded-postgres.ts';
import { pendingMigrations } from '../db/migrations.ts';
import { createLog } from '../log.ts';
import { CommandError, type Surroundings } from './command.ts';

/**
 * Calls `use` with the configured database: without a DATABASE_URL with the embedded one, that of a server that runs here now
 * or started for the while.
 */
export async function withDatabase<T>(
  { env }: Pick<Surroundings, 'env'>,
  use: (database: { config: Config; databaseUrl: string }) => Promise<T>,
): Promise<T> {
  const config = readConfig(env);
  const directory = join(config.dataDir, 'postgres');
  const there = config.databaseUrl ?? findEmbeddedPostgres(directory);
  if (there !== null) return use({ config, databaseUrl: there });
  const embedded = await startEmbeddedPostgres({ directory });
  try {
    return await use({ config, databaseUrl: embedded.url });
  } finally {
    await embedded.stop();
  }
}

/** Calls `use` with an instance that serves nobody: the capabilities, wired as the server wires them. */
export function withInstance<T>(
  surroundings: Pick<Surroundings, 'env'>,
  use: (app: App, config: Config) => Promise<T>,
): Promise<T> {
  return withDatabase(surroundings, async ({ config, databaseUrl }) => {
    const pending = await pendingMigrations(databaseUrl);
    if (pending.length > 0) {
      throw new CommandError(`The database lacks ${pending.join(', ')}. Run \`ovation migrate\` first.`);
    }
    // What an instance says of its life is not for whoever runs a command; what ends it is thrown.
    const log = createLog({ logLevel: 'error' });
    const app = await createApp({ config, databaseUrl, log, listening: false });
    try {
      return await use(app, config);
    } finally {
      await app.drain(0);
    }
  });
}
