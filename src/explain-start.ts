import { ConfigError } from './config.ts';
import { EmbeddedPostgresError } from './db/embedded/error.ts';
import { deniedBecause, isUnavailable } from './db/faults.ts';
import { MigrationError } from './db/migrations.ts';
import { FindingError } from './finding.ts';
import { PrivateRedisError } from './realtime/private-redis.ts';

/** Why the server did not start: in a sentence where a person can mend it, with its stack where not. */
export function explainStart(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  for (const known of [ConfigError, EmbeddedPostgresError, FindingError, MigrationError, PrivateRedisError]) {
    if (error instanceof known) return error.message;
  }
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EACCES') return `This may not be opened: ${error.message}. A folder of somebody else?`;
  const denied = deniedBecause(error);
  if (denied !== null) {
    return `The database user of DATABASE_URL lacks a right: ${denied}. \`ovation doctor\` says what to grant.`;
  }
  if (isUnavailable(error)) return `The database at DATABASE_URL does not answer: ${error.message || String(code)}.`;
  return error.stack ?? error.message;
}
