import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { isAlive } from '../../src/db/embedded/processes.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/db/embedded-postgres.ts';
import { until } from '../wait.ts';

/** The process id of the PostgreSQL server that runs on this data directory. */
export function postmasterOf(dataDirectory: string): number {
  return Number(readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/** A PostgreSQL that the suite may break. */
export interface BreakablePostgres {
  readonly url: string;
  /** Immediate shutdown: no goodbye to its clients, recovery at the next start. Resolves when it is gone. */
  crash(): Promise<void>;
  /** On the same port and data. */
  startAgain(): Promise<void>;
}

export function useBreakablePostgres(): BreakablePostgres {
  let directory = '';
  let server: EmbeddedPostgres | null = null;
  const running = (): EmbeddedPostgres => {
    if (server === null) throw new Error('PostgreSQL runs while tests run');
    return server;
  };
  // What was acknowledged must survive the death of the process, not that of the machine.
  const settings = { fsync: 'off', max_connections: '100' };
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ovation-postgres-'));
    server = await startEmbeddedPostgres({ directory, settings });
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });
  return {
    get url() {
      return running().url;
    },
    async crash() {
      const pid = postmasterOf(running().dataDirectory);
      process.kill(pid, 'SIGQUIT');
      await until(() => !isAlive(pid), { what: 'PostgreSQL to end' });
      await running().stop();
    },
    async startAgain() {
      server = await startEmbeddedPostgres({ directory, settings, port: Number(new URL(running().url).port) });
    },
  };
}
