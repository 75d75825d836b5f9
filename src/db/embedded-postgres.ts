import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { accountFor } from './embedded/account.ts';
import { findBinaries } from './embedded/binaries.ts';
import { checkCluster, createCluster, readPassword } from './embedded/cluster.ts';
import { EmbeddedPostgresError, systemCode } from './embedded/error.ts';
import { clearLeftover, postmasterFile } from './embedded/leftover.ts';
import { takeOwnerLock } from './embedded/owner-lock.ts';
import { placeCluster, prepareDirectory, sharedFolder } from './embedded/place.ts';
import { isPostgresOf } from './embedded/processes.ts';
import { startServer } from './embedded/server.ts';

export interface EmbeddedPostgres {
  /** `postgres://...` of the database, on 127.0.0.1, with the password. */
  url: string;
  /** Where the cluster's files really are. */
  dataDirectory: string;
  /** Shuts PostgreSQL down (connections are ended, data are safe) and frees the directory. Resolves when the process is gone. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Holds everything: the cluster (or a link to it), the password, the lock, PostgreSQL's log. Created when missing. */
  directory: string;
  /** @default a free one, another one at each start */
  port?: number;
  /** Created when missing. @default "ovation" */
  database?: string;
  /** PostgreSQL settings for this run: `{ fsync: 'off' }` in tests. */
  settings?: Record<string, string>;
  /** Gets a line for whatever a person should know: first initialisation, recovery, an unexpected end. */
  log?: (line: string) => void;
}

const NO_SUCH_DATABASE = '3D000';
const defaultDatabase = 'ovation';

const urlAt = (port: number, password: string, database: string): string =>
  `postgres://postgres:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;

/** The URL of the PostgreSQL that a server of this machine runs in `directory` now; null when none does. */
export function findEmbeddedPostgres(directory: string, database = defaultDatabase): string | null {
  const link = join(directory, 'cluster');
  if (!existsSync(link)) return null;
  const cluster = realpathSync(link);
  const [pid, , , port] = postmasterFile(cluster) ?? [];
  return isPostgresOf(Number(pid), cluster) ? urlAt(Number(port), readPassword(directory), database) : null;
}

async function ensureDatabase(urlOf: (database: string) => string, database: string): Promise<void> {
  const direct = new pg.Client({ connectionString: urlOf(database) });
  try {
    await direct.connect();
    return;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== NO_SUCH_DATABASE) throw error;
  } finally {
    await direct.end();
  }
  const client = new pg.Client({ connectionString: urlOf('postgres') });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`);
  } finally {
    await client.end();
  }
}

/**
 * Starts the PostgreSQL that lives in `directory`, initialising it at first, and resolves when the database accepts connections. What a
 * killed predecessor left (a lock, a running PostgreSQL, a half-made cluster) is cleared away.
 *
 * As root, PostgreSQL runs as another account; where that account cannot reach the programs or `directory`, it gets copies of its
 * own under /var/lib/ovation. Throws EmbeddedPostgresError.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { database = defaultDatabase, settings = {}, log = () => {} } = options;
  const directory = prepareDirectory(options.directory);
  const release = takeOwnerLock(directory);
  try {
    const account = accountFor(join(directory, 'cluster'));
    const binaries = findBinaries(account, () => (account ? sharedFolder() : directory));
    const cluster = await placeCluster(directory, account, log);
    if (existsSync(cluster)) {
      checkCluster(cluster, binaries);
      await clearLeftover(cluster, log);
    } else {
      log(`Initialising PostgreSQL ${binaries.major} in ${cluster}.`);
      await createCluster({ directory, cluster, account, binaries, sync: settings.fsync !== 'off' });
    }
    const password = readPassword(directory);
    const server = await startServer({
      program: binaries.postgres,
      cluster,
      directory,
      account,
      port: options.port,
      settings,
      log,
    });
    const urlOf = (name: string) => urlAt(server.port, password, name);
    try {
      await ensureDatabase(urlOf, database);
    } catch (error) {
      await server.stop();
      throw error;
    }
    let stopped: Promise<void> | null = null;
    const stop = () => (stopped ??= server.stop().then(release));
    return { url: urlOf(database), dataDirectory: cluster, stop };
  } catch (error) {
    release();
    if (systemCode(error) === undefined || !(error instanceof Error)) throw error;
    throw new EmbeddedPostgresError(`The embedded PostgreSQL in ${directory} cannot start: ${error.message}.`, {
      cause: error,
    });
  }
}
