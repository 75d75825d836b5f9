import pg from 'pg';

/** The rows of one query, on a connection of its own. */
export async function select<Row extends pg.QueryResultRow>(
  databaseUrl: string,
  query: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Row>(query, values)).rows;
  } finally {
    await client.end();
  }
}

/** What is locked until it is let go, by a transaction that then takes back what it did. */
export interface Held {
  letGo(): Promise<void>;
}

/** Does each of these in one transaction and keeps it open: whoever needs the same rows or locks waits. */
export async function hold(databaseUrl: string, ...statements: [query: string, values: unknown[]][]): Promise<Held> {
  const holder = new pg.Client({ connectionString: databaseUrl });
  await holder.connect();
  await holder.query('BEGIN');
  for (const [query, values] of statements) await holder.query(query, values);
  return { letGo: () => holder.end() };
}
