import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';
import { createDatabase, type TestDatabase } from '../database.ts';
import { until } from '../wait.ts';
import { launch, type RunningInstance } from './instance.ts';
import { expectSoundLedger } from './sound-ledger.ts';

/** Where the project is. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Compiles what `npm start` runs, unless that is up to date: instances then start in a second. */
async function build(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root });
}

export interface ClusterOptions {
  /** @default 3 */
  instances?: number;
  /** Absent: the in-process broker, so one instance only. */
  redisUrl?: () => string;
  /** @default a fresh database of the test run's server */
  databaseUrl?: () => string;
  /** Beside and over what the cluster sets. */
  env?: Record<string, string>;
}

/** Instances on one database and one Redis, as processes of their own, for the suite in which it is made. */
export interface Cluster {
  readonly databaseUrl: string;
  /** Where the instances' common signing key is. */
  readonly dataDir: string;
  /** Those started so far, in the order of their start; the killed ones too. */
  readonly instances: readonly RunningInstance[];
  readonly urls: readonly string[];
  instance(place: number): RunningInstance;
  /** One more, with `env` beside the cluster's. `program`: another one than the server, as `begin` takes it. */
  start(env?: Record<string, string>, program?: readonly string[]): Promise<RunningInstance>;
  /** Resolves when all say so at /ready. */
  everyInstanceIs(status: 'ready' | 'degraded'): Promise<void>;
}

/** Starts the instances before the suite's tests and ends them after, with their database. The ledger of points must be sound then. */
export function useCluster({ instances = 3, redisUrl, databaseUrl, env = {} }: ClusterOptions = {}): Cluster {
  const running: RunningInstance[] = [];
  let database: TestDatabase | null = null;
  let dataDir = '';
  let url = '';

  async function start(more: Record<string, string> = {}, program?: readonly string[]): Promise<RunningInstance> {
    const own = {
      PORT: '0',
      NODE_ENV: 'test',
      DATABASE_URL: url,
      DATA_DIR: dataDir,
      RATE_LIMITS: 'false',
      SEED: 'false',
      LOG_LEVEL: process.env.OVATION_TEST_LOG ?? 'warn',
      ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl() }),
    };
    const instance = await launch(root, { ...own, ...env, ...more }, program);
    running.push(instance);
    return instance;
  }

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ovation-cluster-'));
    if (databaseUrl === undefined) database = await createDatabase();
    url = databaseUrl?.() ?? database?.url ?? '';
    await build();
    // The first alone: it applies the migrations and makes the key, as in a rolling deployment.
    if (instances > 0) await start();
    await Promise.all(Array.from({ length: Math.max(0, instances - 1) }, () => start()));
  }, 120_000);

  afterAll(async () => {
    await Promise.all(running.map((instance) => instance.end()));
    try {
      if (running.length > 0) await expectSoundLedger(url);
    } finally {
      await database?.drop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  return {
    get databaseUrl() {
      return url;
    },
    get dataDir() {
      return dataDir;
    },
    instances: running,
    get urls() {
      return running.map((instance) => instance.url);
    },
    instance(place) {
      const instance = running[place];
      if (instance === undefined) throw new Error(`there is no instance ${place}`);
      return instance;
    },
    start,
    async everyInstanceIs(status) {
      const all = async () => {
        // Asked without a pause, the instances and their database would be busy with the answers.
        await pause(100);
        const answers = await Promise.all(running.map((instance) => instance.ready()));
        return answers.every((ready) => ready.status === status && ready.httpStatus === 200);
      };
      await until(all, { what: `every instance to be ${status}` });
    },
  };
}
