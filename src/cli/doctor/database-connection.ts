import { codeOf, type Finding, hostOf } from './check.ts';

/** A connection that failed: what was wanted, and what was said. */
interface Failure {
  /** Host and port. */
  at: string;
  user: string;
  database: string;
  /** PostgreSQL's SQLSTATE or Node's code; empty when there is none. */
  code: string;
  said: string;
}

interface Known {
  code: string;
  is(failure: Failure): boolean;
  problem(failure: Failure): string;
  remedy(failure: Failure): string;
}

/** What PostgreSQL answers, and what Node says when nobody does: the first that fits. The last fits everything. */
const failures: readonly Known[] = [
  {
    code: 'DATABASE_HOST_UNKNOWN',
    is: ({ code }) => /^(ENOTFOUND|EAI_AGAIN)$/.test(code),
    problem: ({ at, code }) => `The host of DATABASE_URL (${at}) is not known by this name here (${code}).`,
    remedy: () =>
      'Correct the host in DATABASE_URL. In a container, it is the name of the database’s service, not localhost.',
  },
  {
    code: 'DATABASE_UNREACHABLE',
    is: ({ code, said }) =>
      /^(ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET)$/.test(code) || /timeout expired/.test(said),
    problem: ({ at, code, said }) => `No PostgreSQL answers at ${at} (${code || said}).`,
    remedy: () =>
      'Correct host and port in DATABASE_URL, start PostgreSQL, and let it listen on that address (listen_addresses, firewall).',
  },
  {
    code: 'DATABASE_LOGIN_REFUSED',
    is: ({ code }) => code.startsWith('28'),
    problem: ({ at, user, said }) => `PostgreSQL at ${at} refuses the user "${user}": ${said}.`,
    remedy: () =>
      'Correct user and password in DATABASE_URL (percent-encode special characters), create the role (CREATE ROLE … LOGIN PASSWORD …), or allow it in pg_hba.conf.',
  },
  {
    code: 'DATABASE_MISSING',
    is: ({ code }) => code === '3D000',
    problem: ({ at, database }) => `PostgreSQL at ${at} has no database "${database}".`,
    remedy: ({ user, database }) =>
      `Create it (createdb -O ${user} ${database}), or correct the name in DATABASE_URL. \`ovation migrate\` then makes the tables.`,
  },
  {
    code: 'DATABASE_CONNECT_DENIED',
    is: ({ code }) => code === '42501',
    problem: ({ user, database, said }) => `The user "${user}" may not connect to the database "${database}": ${said}.`,
    remedy: ({ user, database }) => `GRANT CONNECT ON DATABASE "${database}" TO "${user}";`,
  },
  {
    code: 'DATABASE_FULL',
    is: ({ code }) => code === '53300',
    problem: ({ at, said }) => `PostgreSQL at ${at} has no connection left: ${said}.`,
    remedy: () => 'Raise max_connections, or lower DATABASE_POOL: every instance keeps up to that many connections.',
  },
  {
    code: 'DATABASE_TLS',
    is: ({ code, said }) => /CERT|SSL|TLS/.test(code) || /SSL|certificate/i.test(said),
    problem: ({ at, said }) => `No encrypted connection to PostgreSQL at ${at}: ${said}.`,
    remedy: () =>
      'Set sslmode in DATABASE_URL to what the server offers, and for a private authority sslrootcert or NODE_EXTRA_CA_CERTS.',
  },
  {
    code: 'DATABASE_FAILED',
    is: () => true,
    problem: ({ at, code, said }) => `PostgreSQL at ${at} failed: ${said}${code === '' ? '' : ` (${code})`}.`,
    remedy: () => 'Look at PostgreSQL’s own log for the reason; 57P03 passes by itself when the server has started.',
  },
];

/** What it means that the database at `url` could not be connected to or asked. */
export function failureFinding(error: unknown, url: string): Finding {
  const { pathname, username } = new URL(url);
  const failure: Failure = {
    at: hostOf(url, 5432),
    user: decodeURIComponent(username),
    database: decodeURIComponent(pathname.slice(1)),
    code: codeOf(error) ?? '',
    said: error instanceof Error ? error.message : String(error),
  };
  const known = failures.find(({ is }) => is(failure));
  if (known === undefined) throw error;
  return { code: known.code, problem: known.problem(failure), remedy: known.remedy(failure) };
}
