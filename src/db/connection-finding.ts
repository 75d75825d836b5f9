import { codeOf, type Finding, FindingError, hostOf } from '../finding.ts';

/** A connection that failed: what was wanted, and what was said. */
interface Failure {
  /** Host and port. */
  at: string;
  user: string;
  database: string;
  /** PostgreSQL's SQLSTATE or Node's code; empty when there is none. */
  code: string;
  /** The system call that failed, as Node names it; empty when none did. */
  call: string;
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
    code: 'DATABASE_URL_INVALID',
    is: ({ code, said }) => code === 'ERR_INVALID_URL' || said === 'URI malformed',
    problem: ({ at, said }) => `DATABASE_URL, for ${at}, cannot be read: ${said}.`,
    remedy: () => 'Percent-encode what is special in its user, password and database: % as %25, @ as %40, / as %2F.',
  },
  {
    code: 'DATABASE_TLS',
    is: ({ call }) => call === 'open' || call === 'read',
    problem: ({ said }) => `A file that DATABASE_URL names cannot be read: ${said}.`,
    remedy: () =>
      'Let sslrootcert, sslcert and sslkey in DATABASE_URL name files that are there and that this user may read.',
  },
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
      /^(ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET|ENOENT)$/.test(code) ||
      /timeout expired/.test(said),
    problem: ({ at, code, said }) => `No PostgreSQL answers at ${at} (${code || said}).`,
    remedy: () =>
      'Correct host and port in DATABASE_URL, start PostgreSQL, and let it listen on that address (listen_addresses, firewall).',
  },
  {
    code: 'DATABASE_LOGIN_REFUSED',
    // Without a password the driver itself gives up, and says so without a code.
    is: ({ code, said }) => code.startsWith('28') || said.startsWith('SASL'),
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

/** The text that is meant. What is no percent-encoding stands for itself, as it does for the driver. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What it means that the database at `url` could not be connected to or asked. */
export function databaseFinding(error: unknown, url: string): Finding {
  if (error instanceof FindingError) return error.finding;
  const { pathname, username } = new URL(url);
  const failure: Failure = {
    at: hostOf(url, 5432),
    user: decoded(username),
    database: decoded(pathname.slice(1)),
    code: codeOf(error) ?? '',
    call: error instanceof Error && 'syscall' in error ? String(error.syscall) : '',
    said: error instanceof Error ? error.message : String(error),
  };
  const known = failures.find(({ is }) => is(failure));
  if (known === undefined) throw error;
  return { code: known.code, problem: known.problem(failure), remedy: known.remedy(failure) };
}
