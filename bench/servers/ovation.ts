import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { answer, memory, usage } from '../../test/child.ts';

// The server as it is, without rate limits: all clients come from one address.
const { DATABASE_URL = '', LARGEST_BATCH } = process.env;
const config = readConfig({
  NODE_ENV: 'test',
  PORT: '0',
  DATABASE_URL,
  REDIS_URL: process.env.REDIS_URL,
  FANOUT_WINDOW_MS: process.env.FANOUT_WINDOW_MS,
  RATE_LIMITS: 'false',
  SOCKETS_PER_ADDRESS: '20000',
  HTTP_REQUESTS_PER_NETWORK: '1000',
  LOG_LEVEL: 'warn',
  DATA_DIR: join(tmpdir(), 'ovation-bench-keys'),
});
const largestBatch = LARGEST_BATCH === undefined ? undefined : Number(LARGEST_BATCH);
const app = await createApp({ config, databaseUrl: DATABASE_URL, log: createLog(config), largestBatch });
answer({
  url: () => app.url,
  usage,
  memory,
  executions: () => app.fanOut?.stats.executions,
  reads: () => app.hub.stats.pageReads,
});
