// npm run db:diff -- <name>   writes the migration from what the committed migrations make to prisma/schema.prisma.
// npm run db:check            fails when there is such a difference.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts';
import { applyMigrations } from '../src/db/migrations.ts';
import { migrationDrift } from '../src/db/schema-drift.ts';
import { prismaFolder } from '../src/db/schema-engine.ts';

/** The SQL between a new database with all migrations applied and schema.prisma. */
async function missingSql(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'ovation-diff-'));
  try {
    const postgres = await startEmbeddedPostgres({ directory, settings: { fsync: 'off' } });
    try {
      await applyMigrations(postgres.url);
      return await migrationDrift(postgres.url);
    } finally {
      await postgres.stop();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function writeMigration(name: string, sql: string): string {
  const timestamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = join(prismaFolder(), 'migrations', `${timestamp}_${name}`);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'migration.sql');
  writeFileSync(file, `${sql}\n`);
  return relative(process.cwd(), file);
}

const [argument] = process.argv.slice(2);
if (argument === undefined || !/^(--check|[a-z][a-z0-9_]*)$/.test(argument)) {
  console.error('Usage: npm run db:diff -- <name>   (lower-case letters, digits and _)');
  process.exit(2);
}
const sql = await missingSql();
if (sql === '') {
  console.log('The migrations agree with prisma/schema.prisma.');
} else if (argument === '--check') {
  console.error(
    `The migrations do not make what prisma/schema.prisma says. Missing (npm run db:diff -- <name> writes it):\n\n${sql}`,
  );
  process.exitCode = 1;
} else {
  console.log(`Wrote ${writeMigration(argument, sql)}. Read it, and add what the schema language cannot say.`);
}
