import { join } from 'node:path';
import pg from 'pg';
import type { Config } from '../../config.ts';
import { findEmbeddedPostgres } from '../../db/embedded-postgres.ts';
import { answerWithinMs, type Check, codeOf, type Finding, hostOf } from './check.ts';
import { checkClock } from './database-clock.ts';
import { checkMigrations } from './database-migrations.ts';

const oldest = 14;

/** What PostgreSQL answers, by SQLSTATE, and what Node says when nobody answers: what each means here. */
function connectFinding(error: unknown, url: string): Finding {
  const at = hostOf(url, 5432);
  const { pathname, username } = new URL(url);
  const [user, database] = [username, pathname.slice(1)].map(decodeURIComponent);
  const said = error instanceof Error ? error.message : String(error);
  const code = codeOf(error) ?? '';
  if (/^(ENOTFOUND|EAI_AGAIN)$/.test(code)) {
    return {
      code: 'DATABASE_HOST_UNKNOWN',
      problem: `The host of DATABASE_URL (${at}) is not known by this name here (${code}).`,
      remedy:
        'Correct the host in DATABASE_URL. In a container, it is the name of the database’s service, not localhost.',
    };
  }
  if (/^(ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET)$/.test(code) || /timeout expired/.test(said)) {
    return {
      code: 'DATABASE_UNREACHABLE',
      problem: `No PostgreSQL answers at ${at} (${code || said}).`,
      remedy:
        'Correct host and port in DATABASE_URL, start PostgreSQL, and let it listen on that address (listen_addresses, firewall).',
    };
  }
  if (/^28/.test(code)) {
    return {
      code: 'DATABASE_LOGIN_REFUSED',
      problem: `PostgreSQL at ${at} refuses the user "${user}": ${said}.`,
      remedy:
        'Correct user and password in DATABASE_URL (percent-encode special characters), create the role (CREATE ROLE … LOGIN PASSWORD …), or allow it in pg_hba.conf.',
    };
  }
  if (code === '3D000') {
    return {
      code: 'DATABASE_MISSING',
      problem: `PostgreSQL at ${at} has no database "${database}".`,
      remedy: `Create it (createdb -O ${user} ${database}), or correct the name in DATABASE_URL. \`ovation migrate\` then makes the tables.`,
    };
  }
  if (code === '42501') {
    return {
      code: 'DATABASE_CONNECT_DENIED',
      problem: `The user "${user}" may not connect to the database "${database}": ${said}.`,
      remedy: `GRANT CONNECT ON DATABASE "${database}" TO "${user}";`,
    };
  }
  if (code === '53300') {
    return {
      code: 'DATABASE_FULL',
      problem: `PostgreSQL at ${at} has no connection left: ${said}.`,
      remedy: 'Raise max_connections, or lower DATABASE_POOL: every instance keeps up to that many connections.',
    };
  }
  if (/SSL|certificate/i.test(said) || /CERT|SSL|TLS/.test(code)) {
    return {
      code: 'DATABASE_TLS',
      problem: `No encrypted connection to PostgreSQL at ${at}: ${said}.`,
      remedy:
        'Set sslmode in DATABASE_URL to what the server offers, and for a private authority sslrootcert or NODE_EXTRA_CA_CERTS.',
    };
  }
  return {
    code: 'DATABASE_FAILED',
    problem: `PostgreSQL at ${at} does not take the connection: ${said}${code === '' ? '' : ` (${code})`}.`,
    remedy: 'Look at PostgreSQL’s own log for the reason; 57P03 passes by itself when the server has started.',
  };
}

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
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: answerWithinMs,
    query_timeout: answerWithinMs,
  });
  // A connection that breaks later is told by the query that needed it.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    return { part: 'database', seen: hostOf(url, 5432), findings: [connectFinding(error, url)] };
  }
  try {
    return await look(client, url);
  } catch (error) {
    return { part: 'database', seen: hostOf(url, 5432), findings: [connectFinding(error, url)] };
  } finally {
    await client.end();
  }
}
