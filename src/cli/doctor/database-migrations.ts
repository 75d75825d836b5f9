import type pg from 'pg';
import { pendingMigrations, unknownMigrations } from '../../db/migrations.ts';
import { codeOf, type Finding } from '../../finding.ts';
import { Prisma } from '../../generated/prisma/client.ts';

const denied = '42501';

interface Rights {
  role: string;
  /** Null: none of the search path's schemas exists, or the user may not enter them. */
  schema: string | null;
  mayCreate: boolean;
  /** Tables of ours that the user may not alter. */
  others: string[];
  /** Tables of ours that the user may not read or write. */
  closed: string[];
}

async function readRights(client: pg.Client): Promise<Rights> {
  const { rows } = await client.query<Rights>(
    `WITH ours AS (
       SELECT c.oid, c.relname::text AS name, c.relowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname = ANY($1))
     SELECT current_user::text AS role, current_schema()::text AS schema,
       COALESCE(has_schema_privilege(current_schema(), 'CREATE'), false) AS "mayCreate",
       ARRAY(SELECT name FROM ours WHERE NOT pg_has_role(relowner, 'USAGE') ORDER BY name) AS others,
       ARRAY(SELECT name FROM ours WHERE NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
         AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE')) ORDER BY name) AS closed`,
    [Object.values(Prisma.ModelName)],
  );
  const [rights] = rows;
  if (rights === undefined) throw new Error('PostgreSQL did not say what the user may do');
  return rights;
}

function access({ role, schema, closed }: Rights): Finding[] {
  if (closed.length === 0) return [];
  return [
    {
      code: 'DATABASE_ACCESS_DENIED',
      problem: `The user "${role}" may not read and write ${closed.join(', ')}.`,
      remedy: `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${schema}" TO "${role}"; as their owner.`,
    },
  ];
}

function mayMigrate({ role, schema, mayCreate, others }: Rights): Finding[] {
  if (mayCreate && others.length === 0) return [];
  const problem = mayCreate
    ? `The user "${role}" may not alter ${others.join(', ')}: they belong to another.`
    : `The user "${role}" may not create tables in ${schema === null ? 'any schema of its search path' : `the schema "${schema}"`}.`;
  return [
    {
      code: 'DATABASE_MIGRATION_DENIED',
      problem,
      remedy: `Run \`ovation migrate\` with a DATABASE_URL of the tables' owner${
        mayCreate ? '' : `, or allow it: GRANT USAGE, CREATE ON SCHEMA "${schema ?? 'public'}" TO "${role}";`
      }`,
    },
  ];
}

async function readMigrations(url: string): Promise<{ pending: string[]; unknown: string[] } | null> {
  try {
    return { pending: await pendingMigrations(url), unknown: await unknownMigrations(url) };
  } catch (error) {
    if (codeOf(error) === denied) return null;
    throw error;
  }
}

/** Whether the tables are those of this version, whether the user may make them so, and whether it may use them. */
export async function checkMigrations(client: pg.Client, url: string): Promise<Finding[]> {
  const rights = await readRights(client);
  const migrations = await readMigrations(url);
  if (migrations === null) {
    const problem = `The user "${rights.role}" may not read _prisma_migrations, which says what version the tables are of.`;
    const remedy = `GRANT SELECT ON "_prisma_migrations" TO "${rights.role}"; as its owner.`;
    return [{ code: 'DATABASE_ACCESS_DENIED', problem, remedy }, ...access(rights)];
  }
  const { pending, unknown } = migrations;
  const findings = access(rights);
  if (pending.length > 0) {
    findings.push({
      code: 'MIGRATION_PENDING',
      problem: `The database lacks ${pending.join(', ')}.`,
      remedy: 'Run `ovation migrate`; an instance that starts does it too.',
    });
    findings.push(...mayMigrate(rights));
  }
  if (unknown.length > 0) {
    findings.push({
      code: 'MIGRATION_UNKNOWN',
      problem: `The database was migrated by a newer version: this one does not know ${unknown.join(', ')}.`,
      remedy: 'Run the version that made it or a newer one, or restore a backup from before it.',
    });
  }
  return findings;
}
