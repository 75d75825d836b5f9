import { pino } from 'pino';
import { type App, createApp } from '../../../src/app.ts';
import { readConfig } from '../../../src/config.ts';
import { answer, memory } from '../../child.ts';

// An instance as `npm start` runs it, which also tells what it holds: a process of its own, in which garbage can be collected.

export interface InstanceOptions {
  databaseUrl: string;
  redisUrl: string;
  dataDir: string;
  /** Beside what an instance of a test has. */
  env?: Record<string, string>;
}

/** What an instance holds now. */
export interface Footprint {
  /** Subscribers of feeds, the server's own among them. */
  subscribers: number;
  feeds: number;
  /** Distinct operations that somebody follows. */
  operations: number;
  /** Channels of the broker that have listeners. */
  channels: number;
  /** Connections, those to the database and to Redis among them. */
  connections: number;
  /** Timers that keep the process alive. */
  timers: number;
  /** Warnings of Node's, such as of too many listeners. */
  warnings: string[];
  /** After a collection, in MiB. */
  heap: number;
  /** In MiB. */
  rss: number;
}

const mib = (bytes: number): number => Math.round((bytes / 1024 / 1024) * 10) / 10;
const warnings: string[] = [];
process.on('warning', (warning) => warnings.push(String(warning)));

let app: App | null = null;

async function start({ databaseUrl, redisUrl, dataDir, env = {} }: InstanceOptions): Promise<string> {
  const config = readConfig({
    NODE_ENV: 'test',
    PORT: '0',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    DATA_DIR: dataDir,
    RATE_LIMITS: 'false',
    ...env,
  });
  app = await createApp({ config, databaseUrl, log: pino({ level: 'warn' }) });
  return app.url;
}

function footprint(): Footprint {
  if (app === null) throw new Error('the instance has started');
  const resources = process.getActiveResourcesInfo();
  const count = (name: string): number => resources.filter((resource) => resource === name).length;
  const { heap, rss } = memory();
  return {
    subscribers: app.hub.stats.subscribers,
    feeds: app.hub.stats.feeds,
    operations: app.fanOut?.stats.operations ?? 0,
    channels: app.broker.channels,
    connections: count('TCPSocketWrap'),
    timers: count('Timeout'),
    warnings,
    heap: mib(heap),
    rss: mib(rss),
  };
}

answer({ start, footprint, drain: () => app?.drain(2000) });
