import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';

/** How often each was executed. */
export interface Statements {
  /** How somebody stands to an event: what a subscription is authorised by. */
  access: number;
  /** Where feeds stand. */
  tops: number;
  /** Entries of a feed. */
  entries: number;
  /** Of any kind, transactions' begin and end among them. */
  all: number;
}

const patterns: Record<keyof Statements, RegExp> = {
  access: /FROM "VideoEvent" e\s+CROSS JOIN unnest/g,
  tops: /SELECT name, epoch, top, floor FROM "Feed"/g,
  entries: /FROM "FeedEntry" WHERE feed = \$1 AND sequence > \$2/g,
  all: /LOG: {2}(?:statement|execute)/g,
};

/** A PostgreSQL for the suite that keeps count of what it is asked. */
export function useCountedPostgres(): { readonly url: string; counted(): () => Statements } {
  let directory = '';
  let server: EmbeddedPostgres | null = null;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ovation-postgres-'));
    const settings = { fsync: 'off', max_connections: '100', log_statement: 'all' };
    server = await startEmbeddedPostgres({ directory, settings });
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });
  return {
    get url() {
      if (server === null) throw new Error('PostgreSQL runs while tests run');
      return server.url;
    },
    /** From now on; the returned function tells what has been asked since. */
    counted() {
      const log = join(directory, 'postgres.log');
      const { size } = statSync(log);
      return () => {
        const text = readFrom(log, size);
        const count = (name: keyof Statements): number => text.match(patterns[name])?.length ?? 0;
        return { access: count('access'), tops: count('tops'), entries: count('entries'), all: count('all') };
      };
    },
  };
}

function readFrom(file: string, start: number): string {
  const bytes = Buffer.alloc(statSync(file).size - start);
  const descriptor = openSync(file, 'r');
  try {
    return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, bytes.length, start));
  } finally {
    closeSync(descriptor);
  }
}
