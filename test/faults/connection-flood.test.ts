import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEvent, signUp, join as takePlace } from '../actor.ts';
import { Child } from '../child.ts';
import { createDatabase, type TestDatabase } from '../database.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { scrape, total } from '../server/scrape.ts';
import { soak } from '../soak.ts';
import { until } from '../wait.ts';
import type { Footprint, InstanceOptions } from './churn/instance.ts';
import type { Visited, VisitOptions } from './flood/visitors.ts';
import { cursorOf } from './stage.ts';

/** All in one moment, from three addresses: each of these has more than it may. */
const sockets = soak ? 10_000 : 1500;
const perAddress = soak ? 3000 : 450;
const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
const admitted = perAddress * addresses.length;
/** What may be held longer after everybody has left, after a collection, in MiB: caches of fixed size. */
const swing = 24;
/** How much more memory in RAM the second wave may leave behind than the first, in MiB: freed memory is not all given back. */
const rssSwing = 128;

describeRedis(`${sockets} sockets opened at once from three addresses`, () => {
  const redis = useRedis();
  const instance = new Child(new URL('./churn/instance.ts', import.meta.url));
  const visitors = new Child(new URL('./flood/visitors.ts', import.meta.url));
  let database: TestDatabase;
  let dataDir: string;
  let url: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ovation-flood-'));
    database = await createDatabase();
    const options: InstanceOptions = {
      databaseUrl: database.url,
      redisUrl: redis.url,
      dataDir,
      env: { SOCKETS_PER_ADDRESS: String(perAddress) },
    };
    url = await instance.ask<string>('start', options);
  });
  afterAll(async () => {
    await Promise.all([instance, visitors].map((child) => child.end()));
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  test('are admitted and served, or refused with a code; nothing of them is left when they have gone', async () => {
    const host = await signUp(url, { role: 'HOST' });
    const eventId = await createEvent(host);
    await takePlace(host, eventId);

    /** All come, are told of one message, and leave. */
    async function wave(count: number) {
      const options: VisitOptions = {
        url,
        count,
        addresses,
        eventId,
        after: await cursorOf(host, eventId),
        limitMs: 120_000,
      };
      await scrape(url);
      const startedAt = performance.now();
      const visited = await visitors.ask<Visited>('visit', options);
      const openedMs = performance.now() - startedAt;
      const lag = (await scrape(url)).get('nodejs_eventloop_lag_p99_seconds') ?? Number.NaN;
      const { code } = await host.mutate('sendMessage', { eventId, text: 'Welcome, all of you' });
      expect(code).toBeUndefined();
      const everybody = async () => (await visitors.ask<number>('told')) === visited.admitted;
      await until(everybody, { limitMs: 60_000, what: `${visited.admitted} sockets to be told` });
      const full = await instance.ask<Footprint>('footprint');
      await visitors.ask('leave');
      const alone = async () => total(await scrape(url), 'ovation_subscriptions') === 0;
      await until(alone, { limitMs: 30_000, what: 'no subscription to be left' });
      return { visited, openedMs, lagMs: lag * 1000, full, left: await instance.ask<Footprint>('footprint') };
    }

    // The first ones warm up compilers and caches.
    const before = (await wave(60)).left;
    const waves = [await wave(sockets), await wave(sockets)];
    for (const { visited, openedMs, lagMs, full, left } of waves) {
      console.log(
        `${sockets} sockets at once: ${visited.admitted} admitted, refused ${JSON.stringify(visited.refused)}, all told so in ` +
          `${Math.round(openedMs)} ms; event-loop delay p99 ${lagMs.toFixed(0)} ms (target: 250); heap ${before.heap} MiB before, ` +
          `${full.heap} with them, ${left.heap} after; RSS ${before.rss} before, ${full.rss} with them, ${left.rss} after`,
      );
      expect(visited.failed).toEqual({});
      expect(visited).toMatchObject({ admitted, refused: { 429: sockets - admitted } });
      const { subscribers, feeds, operations, channels, connections } = before;
      expect(left).toMatchObject({ subscribers, feeds, operations, channels, warnings: [] });
      expect(left.connections).toBeLessThanOrEqual(connections + 10);
      expect(left.heap - before.heap).toBeLessThan(swing);
    }
    expect((waves[1]?.left.rss ?? 0) - (waves[0]?.left.rss ?? 0)).toBeLessThan(rssSwing);
  }, 300_000);
});
