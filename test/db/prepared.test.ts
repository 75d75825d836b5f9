import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Database, type Db, openDatabase } from '../../src/db/client.ts';
import { testLog, useServer } from '../harness.ts';

const server = useServer();

/** One connection, so that what is prepared on it can be asked of it. */
async function onOneConnection(prepare: boolean, ask: (db: Db) => Promise<void>): Promise<string[]> {
  const database: Database = openDatabase({ url: server.databaseUrl, pool: 1, log: testLog, prepare });
  try {
    await ask(database.db);
    const rows = await database.db.$queryRaw<{ statement: string }[]>`SELECT statement FROM pg_prepared_statements`;
    return rows.map(({ statement }) => statement);
  } finally {
    await database.close();
  }
}

async function askOften(db: Db): Promise<void> {
  for (let times = 0; times < 5; times++) {
    const [row] = await db.$queryRaw<{ sum: number }[]>`SELECT ${times}::int + 1 AS sum`;
    expect(row).toEqual({ sum: times + 1 });
  }
}

test('a statement that comes again is planned once for a connection, and answers as before', async () => {
  expect(await onOneConnection(true, askOften)).toEqual(['SELECT $1::int + 1 AS sum']);
});

test('where it must not be, nothing is prepared', async () => {
  expect(await onOneConnection(false, askOften)).toEqual([]);
});

test('what is asked once, and lists of any length, leave nothing behind on the connection', async () => {
  const prepared = await onOneConnection(true, async (db) => {
    await db.$queryRaw`SELECT ${1}::int AS once`;
    for (let times = 0; times < 5; times++) {
      const ids = Array.from({ length: 20 }, () => randomUUID());
      expect(await db.user.findMany({ where: { id: { in: ids } } })).toEqual([]);
    }
  });
  expect(prepared).toEqual([]);
});

test('a connection keeps so many plans, and goes on without more', async () => {
  const prepared = await onOneConnection(true, async (db) => {
    for (let text = 0; text < 300; text++) {
      for (let times = 0; times < 4; times++) {
        const [row] = await db.$queryRawUnsafe<{ sum: number }[]>(`SELECT $1::int + ${text} AS sum`, times);
        expect(row).toEqual({ sum: text + times });
      }
    }
  });
  expect(prepared).toHaveLength(256);
});
