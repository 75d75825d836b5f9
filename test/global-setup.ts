import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts';
import { applyMigrations } from '../src/db/migrations.ts';
import { databaseUrl, run } from './database.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A PostgreSQL server whose databases the tests create and drop. */
    postgresUrl: string;
    /** The migrated database that each test file copies. */
    templateDatabase: string;
  }
}

/** One PostgreSQL for the whole run: TEST_DATABASE_URL, or an embedded one that is thrown away. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = join(tmpdir(), `ovation-test-${process.pid}`);
  const given = process.env.TEST_DATABASE_URL;
  const embedded = given
    ? null
    : // Nothing here outlives the run, so nothing need reach the disk.
      await startEmbeddedPostgres({
        directory,
        settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' },
      });
  const postgresUrl = given || (embedded?.url ?? '');
  const template = `ovation_template_${process.pid}`;
  await run(postgresUrl, `CREATE DATABASE ${pg.escapeIdentifier(template)}`);
  await applyMigrations(databaseUrl(postgresUrl, template));
  project.provide('postgresUrl', postgresUrl);
  project.provide('templateDatabase', template);
  return async () => {
    await run(postgresUrl, `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(template)} WITH (FORCE)`);
    await embedded?.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
