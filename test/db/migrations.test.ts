import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { applyMigrations, MigrationError, pendingMigrations } from '../../src/db/migrations.ts';
import { migrationDrift } from '../../src/db/schema-drift.ts';
import { databaseUrl, run } from '../database.ts';

let name = '';
let url = '';

beforeEach(async () => {
  name = `ovation_migrations_${randomBytes(6).toString('hex')}`;
  url = databaseUrl(inject('postgresUrl'), name);
  await run(inject('postgresUrl'), `CREATE DATABASE ${name}`);
});

afterEach(() => run(inject('postgresUrl'), `DROP DATABASE ${name} WITH (FORCE)`));

async function rows(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('the migrations make what schema.prisma says', async () => {
  await applyMigrations(url);
  expect(await migrationDrift(url)).toBe('');
});

test('a pending migration is reported, applied once, and recorded as Prisma records it', async () => {
  const pending = await pendingMigrations(url);
  expect(pending[0]).toBe('20261122000000_init');
  expect(await applyMigrations(url)).toEqual(pending);
  expect(await pendingMigrations(url)).toEqual([]);
  expect(await applyMigrations(url)).toEqual([]);
  const [first] = await rows('SELECT * FROM _prisma_migrations ORDER BY started_at LIMIT 1');
  expect(first).toMatchObject({
    migration_name: pending[0],
    checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
    finished_at: expect.any(Date),
    rolled_back_at: null,
    applied_steps_count: 1,
  });
});

test('instances that start at once apply each migration once', async () => {
  const pending = await pendingMigrations(url);
  const applied = await Promise.all(Array.from({ length: 4 }, () => applyMigrations(url)));
  expect(applied.flat()).toEqual(pending);
  expect(await rows('SELECT count(*)::int AS count FROM _prisma_migrations')).toEqual([{ count: pending.length }]);
});

test('a migration that fails leaves nothing behind, says why, and succeeds once the cause is gone', async () => {
  // Has a table's name, and is not what Prisma counts as somebody else's schema.
  await run(url, 'CREATE SEQUENCE "Feed"');
  const failure = applyMigrations(url);
  await expect(failure).rejects.toBeInstanceOf(MigrationError);
  await expect(failure).rejects.toThrow(/20261122000000_init cannot be applied: .*"Feed" already exists/s);
  expect(await rows(`SELECT to_regclass('"User"') AS users`)).toEqual([{ users: null }]);
  expect(await pendingMigrations(url)).not.toEqual([]);

  await run(url, 'DROP SEQUENCE "Feed"');
  await applyMigrations(url);
  expect(await migrationDrift(url)).toBe('');
});

test('drift is the SQL that is missing, and never touches what the schema language cannot say', async () => {
  await applyMigrations(url);
  await run(
    url,
    `CREATE INDEX by_length ON "VideoEvent" (char_length("title"));
     CREATE INDEX upcoming ON "VideoEvent" ("scheduledAt") WHERE "status" = 'SCHEDULED';
     CREATE FUNCTION untouched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
     CREATE TRIGGER untouched BEFORE UPDATE ON "VideoEvent" FOR EACH ROW EXECUTE FUNCTION untouched();`,
  );
  expect(await migrationDrift(url)).toBe('');
  await run(url, 'ALTER TABLE "VideoEvent" DROP COLUMN "coverImageUrl"');
  const sql = await migrationDrift(url);
  expect(sql).toMatch(/^-- AlterTable\nALTER TABLE "VideoEvent" ADD COLUMN +"coverImageUrl" TEXT;$/);
  await run(url, sql);
  expect(await migrationDrift(url)).toBe('');
});
