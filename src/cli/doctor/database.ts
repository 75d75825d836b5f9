import { join } from 'node:path';
import pg from 'pg';
import type { Config } from '../../config.ts';
import { databaseFinding } from '../../db/connection-finding.ts';
import { findEmbeddedPostgres } from '../../db/embedded-postgres.ts';
import { type Finding, hostOf } from '../../finding.ts';
import { answerWithinMs, type Check } from './check.ts';
import { checkClock } from './database-clock.ts';
import { checkMigrations } from './database-migrations.ts';

const oldest = 14;

interface Server {
  version: string;
  number: number;
  standby: boolean;
}

async function look(client: pg.Client, url: string): Promise<Check> {
  const { rows } = await client.query<Server>(`
    SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
      pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool AS standby`);
  const [server] = rows;
  if (server === undefined) throw new Error('PostgreSQL did not say its version');
  const findings: Finding[] = [];
  if (server.number < oldest * 10_000) {
    findings.push({
      code: 'DATABASE_TOO_OLD',
      problem: `PostgreSQL ${server.version} (${server.number}) is older than ${oldest}.`,
      remedy: `Upgrade it to ${oldest} or newer (pg_upgrade, or dump and restore).`,
    });
  }
  if (server.standby) {
    findings.push({
      code: 'DATABASE_READ_ONLY',
      problem: 'This PostgreSQL takes no writes: it is a standby, or transactions are read-only by default.',
      remedy: 'Let DATABASE_URL name the primary. Ovation does not read from replicas.',
    });
  }
  findings.push(...(await checkClock(client)), ...(await checkMigrations(client, url)));
  return { part: 'database', seen: `PostgreSQL ${server.version} at ${hostOf(url, 5432)}`, findings };
}

/** PostgreSQL: whether it answers, is new enough, takes writes, agrees about the time, and has the tables of this version. */
export async function checkDatabase(config: Config): Promise<Check> {
  const url = config.databaseUrl ?? findEmbeddedPostgres(join(config.dataDir, 'postgres'));
  if (url === null) return { part: 'database', seen: 'embedded: starts with the server', findings: [] };
  let client: pg.Client | null = null;
  try {
    // Made in here: it reads the URL and the certificates that the URL names.
    client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: answerWithinMs,
      query_timeout: answerWithinMs,
    });
    // A connection that breaks later is told by the query that needed it.
    client.on('error', () => {});
    await client.connect();
    return await look(client, url);
  } catch (error) {
    return { part: 'database', seen: hostOf(url, 5432), findings: [databaseFinding(error, url)] };
  } finally {
    await client?.end();
  }
}
