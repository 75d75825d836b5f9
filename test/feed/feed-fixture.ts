import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Database, type Db, openDatabase } from '../../src/db/client.ts';
import { encodeCursor } from '../../src/feed/cursor.ts';
import { type Entry, type EntryDraft, fact } from '../../src/feed/entry.ts';
import { createHub, type Hub, type HubOptions } from '../../src/feed/hub.ts';
import { readEntries, readTop } from '../../src/feed/log.ts';
import { type Committed, createWrite, type Write } from '../../src/feed/unit-of-work.ts';
import type { Broker } from '../../src/realtime/broker.ts';
import { createMemoryBroker } from '../../src/realtime/memory-broker.ts';
import { createDatabase, type TestDatabase } from '../database.ts';
import { testLog } from '../harness.ts';
import { createSide, type Side } from './network.ts';

export const said = fact<{ text: string | null }>()('Said');
export const noted = fact<{ note: string }>()('Noted');

export const newFeed = (): string => `event:${randomUUID()}`;

/** One instance's hub, what it writes with, and its side of the network. */
export interface Instance {
  hub: Hub;
  side: Side;
  write: Write;
  /** Commits these drafts to the feed, together. */
  say(feed: string, ...drafts: (EntryDraft | string)[]): Promise<void>;
}

export interface Fixture {
  readonly db: Db;
  readonly url: string;
  /** What the instances of a test talk through. */
  readonly broker: Broker;
  /** An instance that is closed after the test. Compares its feeds with the log every 20 ms unless told otherwise. */
  instance(options?: Partial<HubOptions>): Instance;
  /** A database client of its own, closed after the test. */
  open(url: string): Db;
  /** A unit of work whose commits are kept in the order in which they were handed on. */
  recorded(): { write: Write; published: Committed[] };
  /** What the log holds. */
  entries(feed: string): Promise<Entry[]>;
  /** The sequences the log holds. */
  log(feed: string): Promise<number[]>;
  /** A cursor into the feed, whether that place exists or not. */
  cursor(feed: string, sequence: number): Promise<string>;
}

/** A database for the calling test file, and instances on it. */
export function useFeeds(): Fixture {
  let database: TestDatabase;
  let client: Database;
  let broker = createMemoryBroker();
  let closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    database = await createDatabase();
    client = openDatabase({ url: database.url, pool: 10, log: testLog });
  });
  afterEach(async () => {
    for (const close of closing) await close();
    closing = [];
    await broker.close();
    broker = createMemoryBroker();
  });
  afterAll(async () => {
    await client.close();
    await database.drop();
  });

  return {
    get db() {
      return client.db;
    },
    get url() {
      return database.url;
    },
    get broker() {
      return broker;
    },
    instance(options) {
      const side = createSide(broker);
      const hub = createHub({
        db: client.db,
        broker: side,
        log: testLog,
        checkMs: { up: 20, down: 20 },
        lingerMs: 20,
        ...options,
      });
      closing.unshift(() => hub.close());
      const write = createWrite({ db: client.db, publish: hub.publish });
      const say: Instance['say'] = (feed, ...drafts) =>
        write(async ({ append }) => {
          for (const draft of drafts) append(feed, typeof draft === 'string' ? said.draft({ text: draft }) : draft);
        });
      return { hub, side, write, say };
    },
    open(url) {
      const { db, close } = openDatabase({ url, pool: 5, log: testLog });
      closing.push(close);
      return db;
    },
    recorded() {
      const published: Committed[] = [];
      return { write: createWrite({ db: client.db, publish: (committed) => published.push(committed) }), published };
    },
    entries: (feed) => readEntries(client.db, feed, 0, 10_000),
    async log(feed) {
      const rows = await client.db.feedEntry.findMany({ where: { feed }, orderBy: { sequence: 'asc' } });
      return rows.map(({ sequence }) => Number(sequence));
    },
    async cursor(feed, sequence) {
      return encodeCursor({ ...(await readTop(client.db, feed)), sequence });
    },
  };
}
