import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { type App, createApp } from '../src/app.ts';
import { type Config, readConfig } from '../src/config.ts';
import type { Log } from '../src/log.ts';
import type { Broker } from '../src/realtime/broker.ts';
import { Actor, type SignUpOptions, signUp } from './actor.ts';
import { createDatabase, type TestDatabase } from './database.ts';

export interface InstanceOptions {
  databaseUrl: string;
  /** Absent: the in-process broker. */
  redisUrl?: string;
  config?: Partial<Config>;
  wrapBroker?: (broker: Broker) => Broker;
  /** @default testLog */
  log?: Log;
}

/** Log lines of the instances under test; OVATION_TEST_LOG=debug shows them. */
export const testLog = pino(
  { level: process.env.OVATION_TEST_LOG ?? 'silent' },
  pino.destination({ dest: 2, sync: true }),
);

/** Where the instances of a test run keep their signing keys. */
export const keysDirectory = join(tmpdir(), `ovation-test-keys-${process.ppid}`);

/** An instance in this process, on a free port. Rate limits are off unless asked for. */
export function startInstance({
  databaseUrl,
  redisUrl,
  config,
  wrapBroker,
  log = testLog,
}: InstanceOptions): Promise<App> {
  const base = readConfig({
    NODE_ENV: 'test',
    PORT: '0',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    RATE_LIMITS: 'false',
    DATABASE_POOL: '5',
    DATA_DIR: keysDirectory,
  });
  return createApp({ config: { ...base, ...config }, databaseUrl, log, wrapBroker });
}

/** One instance and its database, for the test file that calls it. */
export interface TestServer {
  readonly app: App;
  readonly url: string;
  readonly databaseUrl: string;
  /** Somebody without a session. */
  readonly guest: Actor;
  /** A new account, signed up through the API. */
  signUp(options?: SignUpOptions): Promise<Actor>;
}

/** Starts an instance before the tests of the file and drains it after them. */
export function useServer(options: Omit<InstanceOptions, 'databaseUrl'> = {}): TestServer {
  let database: TestDatabase | undefined;
  let app: App | undefined;
  beforeAll(async () => {
    database = await createDatabase();
    app = await startInstance({ ...options, databaseUrl: database.url });
  });
  afterAll(async () => {
    await app?.drain(2000);
    await database?.drop();
  });
  const running = (): App => {
    if (app === undefined) throw new Error('the server runs while tests run');
    return app;
  };
  return {
    get app() {
      return running();
    },
    get url() {
      return running().url;
    },
    get databaseUrl() {
      return database?.url ?? '';
    },
    get guest() {
      return new Actor(running().url, null);
    },
    signUp: (options) => signUp(running().url, options),
  };
}
