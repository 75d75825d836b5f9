import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { type Prisma, PrismaClient } from '../generated/prisma/client.ts';
import type { Log } from '../log.ts';
import { createStatementNames } from './prepared.ts';

export type Db = PrismaClient;
export type Transaction = Prisma.TransactionClient;

export interface Database {
  db: Db;
  /** Connections there are, those of them that nobody uses, and callers that wait for one. */
  readonly pool: { total: number; idle: number; waiting: number };
  /** Ends every connection. Running queries finish first. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** Connections at most. */
  pool: number;
  log: Log;
  /** `false`: statements are not prepared, for poolers that give each transaction another connection. @default true */
  prepare?: boolean;
}

/** How long a new connection may take, in ms: also the server's who accepts it and never answers. */
export const connectWithinMs = 10_000;

export function openDatabase({ url, pool, log, prepare = true }: DatabaseOptions): Database {
  const connections = new Pool({
    connectionString: url,
    max: pool,
    connectionTimeoutMillis: connectWithinMs,
    // A connection that hangs for ever would hold its place in the pool for ever.
    query_timeout: 30_000,
    keepAlive: true,
    application_name: 'ovation',
  });
  // An idle connection that breaks is replaced by the pool; without a listener the error would end the process.
  connections.on('error', (error) => log.warn({ reason: error.message }, 'an idle database connection broke'));
  // Nor does anybody listen in the moment in which a new one is handed to a transaction. Whoever uses it is told anyway.
  connections.on('connect', (connection) =>
    connection.on('error', (error) => log.debug({ reason: error.message }, 'a database connection broke')),
  );
  const db = new PrismaClient({
    adapter: new PrismaPg(connections, {
      disposeExternalPool: true,
      statementNameGenerator: prepare ? createStatementNames() : undefined,
    }),
    transactionOptions: { maxWait: 15_000, timeout: 15_000 },
  });
  return {
    db,
    get pool() {
      const { totalCount, idleCount, waitingCount } = connections;
      return { total: totalCount, idle: idleCount, waiting: waitingCount };
    },
    close: () => db.$disconnect(),
  };
}

/** Whether the database takes no writes at the moment: a standby, or one that was told so. */
export async function isReadOnly(db: Db): Promise<boolean> {
  const [row] = await db.$queryRaw<
    { readOnly: boolean }[]
  >`SELECT current_setting('transaction_read_only') = 'on' AS "readOnly"`;
  return row?.readOnly === true;
}
