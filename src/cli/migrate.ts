import { applyMigrations } from '../db/migrations.ts';
import type { Command } from './command.ts';
import { withDatabase } from './instance.ts';

export const migrate: Command = {
  name: 'migrate',
  operands: [],
  summary: 'Brings the database to this version.',
  help: `Applies the migrations that the database lacks, in order, each in a transaction of its own, and prints their names. An
instance does the same when it starts; a job of its own lets instances run as a database user that may not change tables.
Running it twice, or in two places at once, does no harm.`,
  run: (call) =>
    withDatabase(call, async ({ databaseUrl }) => {
      const applied = await applyMigrations(databaseUrl);
      for (const name of applied) call.print(name);
      call.tell(applied.length === 0 ? 'The database is up to date.' : `${applied.length} applied.`);
      return 0;
    }),
};
