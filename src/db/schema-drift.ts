import { dirname } from 'node:path';
import { NO_FILTER, prismaFolder, schemaFiles, withSchemaEngine } from './schema-engine.ts';

const EMPTY = '-- This is an empty migration.';

/**
 * The SQL that would still bring a migrated database to prisma/schema.prisma; empty when they agree. What Prisma's schema language
 * cannot say (CHECKs, indexes on expressions, triggers, functions) is neither reported nor ever dropped by it.
 */
export async function migrationDrift(databaseUrl: string): Promise<string> {
  const files = schemaFiles();
  const result = await withSchemaEngine(databaseUrl, (engine) =>
    engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: dirname(prismaFolder()) },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: NO_FILTER,
    }),
  );
  const sql = (result.stdout ?? '').trim();
  return sql === EMPTY ? '' : sql;
}
