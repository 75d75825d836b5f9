import { pino } from 'pino';
import { type Db, openDatabase } from '../../src/db/client.ts';
import { createHub } from '../../src/feed/hub.ts';
import { createWrite, type Write } from '../../src/feed/unit-of-work.ts';
import { createRedisBroker } from '../../src/realtime/redis-broker.ts';

/** Writes to feeds as one more instance would: what the API would not state, or not that fast. */
export interface Author {
  readonly db: Db;
  readonly write: Write;
  close(): Promise<void>;
}

export async function openAuthor({
  databaseUrl,
  redisUrl,
}: {
  databaseUrl: string;
  redisUrl: string;
}): Promise<Author> {
  const log = pino({ level: 'silent' });
  const database = openDatabase({ url: databaseUrl, pool: 4, log });
  const broker = await createRedisBroker({ urls: [redisUrl], log });
  const hub = createHub({ db: database.db, broker, log });
  return {
    db: database.db,
    write: createWrite({ db: database.db, publish: hub.publish }),
    async close() {
      await hub.close();
      await broker.close();
      await database.close();
    },
  };
}
