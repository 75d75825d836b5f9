import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { messageSent } from '../src/chat/entries.ts';
import { openDatabase } from '../src/db/client.ts';
import { startEmbeddedPostgres } from '../src/db/embedded-postgres.ts';
import { applyMigrations } from '../src/db/migrations.ts';
import { encodeCursor } from '../src/feed/cursor.ts';
import { feeds } from '../src/feed/entry.ts';
import { createHub } from '../src/feed/hub.ts';
import { readTop } from '../src/feed/log.ts';
import { createWrite } from '../src/feed/unit-of-work.ts';
import { decodeGlobalId } from '../src/global-id.ts';
import { newId } from '../src/ids.ts';
import { startPrivateRedis } from '../src/realtime/private-redis.ts';
import { createRedisBroker } from '../src/realtime/redis-broker.ts';
import { type Actor, createEvent, signUp } from '../test/actor.ts';

/** What a server under test needs around it. */
export interface Stage {
  databaseUrl: string;
  redisUrl: string;
  /** Commits chat facts to the event's feed as another instance would: the server under test only delivers them. */
  append(eventId: string, texts: readonly string[]): Promise<void>;
  /** Where the event's feed stands now. */
  cursor(eventId: string): Promise<string>;
  close(): Promise<void>;
}

/** A PostgreSQL (nothing of it need outlive the run) and a Redis, both thrown away. */
export async function openStage(): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'ovation-bench-'));
  const postgres = await startEmbeddedPostgres({ directory, settings: { fsync: 'off', synchronous_commit: 'off' } });
  await applyMigrations(postgres.url);
  const redis = await startPrivateRedis();
  const log = pino({ level: 'warn' });
  const database = openDatabase({ url: postgres.url, pool: 4, log });
  const broker = await createRedisBroker({ urls: [redis.url], log });
  const hub = createHub({ db: database.db, broker, log });
  const write = createWrite({ db: database.db, publish: hub.publish });
  const actor = { userId: newId(), username: 'bench', displayName: 'Bench', avatarUrl: null };
  return {
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    append: (eventId, texts) =>
      write(async ({ append }) => {
        for (const text of texts) {
          const fact = { messageId: newId(), eventId, text, removedBy: null, actor, replyToId: null };
          append(feeds.event(eventId), messageSent.draft(fact, { actorId: actor.userId, subjectId: fact.messageId }));
        }
      }),
    cursor: async (eventId) => encodeCursor(await readTop(database.db, feeds.event(eventId))),
    async close() {
      await hub.close();
      await broker.close();
      await database.close();
      await redis.stop();
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A public event that is on air: its global id, the one the database knows it by, and its host. */
export async function liveEvent(url: string): Promise<{ eventId: string; rowId: string; host: Actor }> {
  const host = await signUp(url, { role: 'HOST' });
  const eventId = await createEvent(host);
  return { eventId, rowId: decodeGlobalId(eventId).id, host };
}

/** Calls `send` for each of `count` messages, `perSecond` of them; resolves when all calls have resolved. */
export async function atRate(
  { count, perSecond, together }: { count: number; perSecond: number; together: number },
  send: (numbers: readonly number[]) => Promise<unknown>,
): Promise<void> {
  const startedAt = performance.now();
  for (let first = 0; first < count; first += together) {
    await pause(Math.max(0, (first * 1000) / perSecond - (performance.now() - startedAt)));
    await send(Array.from({ length: Math.min(together, count - first) }, (_, place) => first + place));
  }
}
