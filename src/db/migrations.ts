import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { FindingError } from '../finding.ts';
import { connectWithinMs, type Db } from './client.ts';
import { databaseFinding } from './connection-finding.ts';
import { isMissingTable } from './faults.ts';
import { NO_FILTER, prismaFolder, withSchemaEngine } from './schema-engine.ts';

/** A migration cannot be applied. `message` names it and says what the database complained of. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

const LOCKFILE = 'migration_lock.toml';
/** Key of the advisory lock; any number that nothing else here uses ("ovation" on a telephone's keys). Prisma's own is another. */
const LOCK_KEY = 6828466;
const NO_SUCH_TABLE = '42P01';

/** The migrations' folders in the order in which they are applied: that of their names, which begin with a time. */
function migrationNames(): string[] {
  return readdirSync(join(prismaFolder(), 'migrations'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** prisma/migrations as the engine takes it. */
function migrationsList() {
  const baseDir = join(prismaFolder(), 'migrations');
  const script = (name: string) => readFileSync(join(baseDir, name, 'migration.sql'), 'utf8');
  return {
    baseDir,
    lockfile: { path: LOCKFILE, content: readFileSync(join(baseDir, LOCKFILE), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: migrationNames().map((name) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value: script(name) } },
    })),
  };
}

async function connect(databaseUrl: string): Promise<pg.Client> {
  try {
    // Reads the URL and the certificates that the URL names, which may fail as well.
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: connectWithinMs });
    await client.connect();
    return client;
  } catch (error) {
    throw new FindingError(databaseFinding(error, databaseUrl), { cause: error });
  }
}

/** Throws FindingError where the database cannot be connected to. */
async function withClient<T>(databaseUrl: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(databaseUrl);
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

async function appliedMigrations(client: pg.Client): Promise<Set<string>> {
  try {
    const { rows } = await client.query<{ migration_name: string }>(
      'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    );
    return new Set(rows.map((row) => row.migration_name));
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === NO_SUCH_TABLE) return new Set();
    throw error;
  }
}

async function pendingFor(client: pg.Client): Promise<string[]> {
  const applied = await appliedMigrations(client);
  return migrationNames().filter((name) => !applied.has(name));
}

/** Names of the migrations that the database still lacks, in order. Empty: it is ready for this version. */
export function pendingMigrations(databaseUrl: string): Promise<string[]> {
  return withClient(databaseUrl, pendingFor);
}

/** Names of the migrations that were applied and that this version does not know: a newer version's. */
export function unknownMigrations(databaseUrl: string): Promise<string[]> {
  return withClient(databaseUrl, async (client) => {
    const known = new Set(migrationNames());
    return [...(await appliedMigrations(client))].filter((name) => !known.has(name)).sort();
  });
}

/** The same, over the connections that a running server has. */
export async function pendingIn(db: Db): Promise<string[]> {
  const applied = new Set(await appliedIn(db));
  return migrationNames().filter((name) => !applied.has(name));
}

async function appliedIn(db: Db): Promise<string[]> {
  try {
    const rows = await db.$queryRaw<{ migration_name: string }[]>`
      SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`;
    return rows.map((row) => row.migration_name);
  } catch (error) {
    if (isMissingTable(error)) return [];
    throw error;
  }
}

/** What the database said, without the engine's stack. */
function complaint(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split(/\n\s+0: /)[0]?.trim() ?? '';
}

function runEngine(databaseUrl: string): Promise<string[]> {
  return withSchemaEngine(databaseUrl, async (engine) => {
    const list = migrationsList();
    const history = { migrationsList: list, optInToShadowDatabase: false, filters: NO_FILTER };
    // A migration is one transaction: one that failed, or whose server was killed, left nothing behind and may run again.
    const { failedMigrationNames } = await engine.diagnoseMigrationHistory(history);
    for (const migrationName of failedMigrationNames) await engine.markMigrationRolledBack({ migrationName });
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList: list, filters: NO_FILTER });
    return appliedMigrationNames;
  });
}

/**
 * Applies every pending migration of prisma/migrations in order and returns their names. Several instances may call it at once: one
 * applies, the others wait for it. Keeps the table _prisma_migrations as `prisma migrate deploy` does, so that either can be used.
 * Throws MigrationError; the migrations before the failed one stay applied.
 */
export function applyMigrations(databaseUrl: string): Promise<string[]> {
  return withClient(databaseUrl, async (client) => {
    if ((await pendingFor(client)).length === 0) return [];
    // Prisma's engine has a lock of its own, but gives up on it after ten seconds.
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    const pending = await pendingFor(client);
    if (pending.length === 0) return [];
    try {
      return await runEngine(databaseUrl);
    } catch (error) {
      const [failed] = await pendingFor(client);
      throw new MigrationError(`The migration ${failed ?? '(none pending)'} cannot be applied: ${complaint(error)}`, {
        cause: error,
      });
    }
  });
}
