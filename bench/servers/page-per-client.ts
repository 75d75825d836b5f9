import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { Pool } from 'pg';
import { WebSocketServer } from 'ws';
import { decodeCursor } from '../../src/feed/cursor.ts';
import type { Entry } from '../../src/feed/entry.ts';
import { answer, memory, usage } from '../../test/child.ts';
import { follow, itemOf, schemaText } from './message.ts';

// A feed that can be resumed, as it is commonly built over graphql-ws: each client that comes back reads what it missed with a
// query of its own, and then gets what is live.
type Item = ReturnType<typeof itemOf>;

const pool = new Pool({ connectionString: process.env.DATABASE_URL ?? '', max: 10 });
const followers = new Set<(item: Item) => void>();
let reads = 0;

async function* videoEventFeed({ after }: { after: string }) {
  const early: Item[] = [];
  let wake = () => {};
  const take = (item: Item) => {
    early.push(item);
    wake();
  };
  followers.add(take);
  try {
    const { feed, sequence } = decodeCursor(after) ?? { feed: '', sequence: 0 };
    reads++;
    const missed = await pool.query<Entry & { occurredAt: Date }>(
      `SELECT kind, sequence::int, payload, "occurredAt" FROM "FeedEntry" WHERE feed = $1 AND sequence > $2 ORDER BY sequence`,
      [feed, sequence],
    );
    let last = sequence;
    for (const row of missed.rows) {
      last = row.sequence;
      yield { videoEventFeed: itemOf({ ...row, occurredAt: Number(row.occurredAt) }) };
    }
    for (;;) {
      for (const item of early.splice(0)) if (item.sequence > last) yield { videoEventFeed: item };
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    followers.delete(take);
  }
}

const http = createServer();
useServer(
  { schema: buildSchema(schemaText), roots: { subscription: { videoEventFeed } } },
  new WebSocketServer({ server: http, path: '/graphql' }),
);
await once(http.listen(0, '127.0.0.1'), 'listening');
answer({
  url: () => `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
  usage,
  memory,
  reads: () => reads,
  follow: (feed: string) =>
    follow(feed, (item) => {
      for (const take of followers) take(item);
    }),
});
