import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEvent, signUp } from '../actor.ts';
import { Child } from '../child.ts';
import { createDatabase, type TestDatabase } from '../database.ts';
import { describeRedis } from '../redis.ts';
import { soak } from '../soak.ts';
import { until } from '../wait.ts';
import { useBreakableRedis } from './breakable-redis.ts';
import type { Churned, ChurnOptions } from './churn/churner.ts';
import type { Footprint, InstanceOptions } from './churn/instance.ts';
import { SteadyFlow, toldFlow } from './flow/steady-flow.ts';
import { flawless } from './oracle.ts';

/** OVATION_CYCLES: another number, to see more or less of it. */
const cycles = Number(process.env.OVATION_CYCLES ?? (soak ? 200_000 : 20_000));
const rounds = 4;
/** Connections to the database come and go with the work. */
const pool = 10;
/** How much what is held after a collection may differ between two looks, in MiB: caches of fixed size, the flow's tails. */
const swing = 24;

describeRedis(
  'subscribers come and go without a goodbye while entries flow',
  () => {
    // One of its own: others subscribe to channels too.
    const redis = useBreakableRedis();
    const instances = [0, 1].map(() => new Child(new URL('./churn/instance.ts', import.meta.url)));
    const churner = new Child(new URL('./churn/churner.ts', import.meta.url));
    const urls: string[] = [];
    let database: TestDatabase;
    let dataDir: string;

    beforeAll(async () => {
      dataDir = await mkdtemp(join(tmpdir(), 'ovation-churn-'));
      database = await createDatabase();
      const options: InstanceOptions = { databaseUrl: database.url, redisUrl: redis.url, dataDir };
      // One after the other: the first makes the key.
      for (const instance of instances) urls.push(await instance.ask<string>('start', options));
    });
    afterAll(async () => {
      await Promise.all([...instances, churner].map((child) => child.end()));
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    });

    const footprints = () => Promise.all(instances.map((instance) => instance.ask<Footprint>('footprint')));

    /** What is the same before and after, whatever happened in between. */
    async function held() {
      const inProcess = (await footprints()).map(({ subscribers, feeds, operations, channels }) => {
        return { subscribers, feeds, operations, channels };
      });
      return { inProcess, inRedis: await channelsOf(redis.url) };
    }

    test(`after ${cycles} subscriptions nothing is left of them, on the instances or in Redis`, async () => {
      const host = await signUp(urls[0] ?? '', { role: 'HOST' });
      const quiet: string[] = [];
      for (let number = 0; number < 40; number++) quiet.push(await createEvent(host, 'SCHEDULED'));
      const options = { redisUrl: redis.url, rate: 100, together: 2 };
      const flow = await SteadyFlow.start({ urls, databaseUrl: database.url }, options);
      try {
        const lively = flow.events.map(({ eventId }) => eventId);
        const churn = (count: number) => {
          const options: ChurnOptions = {
            urls,
            lively,
            quiet,
            token: host.signedIn.accessToken,
            cycles: count,
            lanes: 16,
          };
          return churner.ask<Churned>('churn', options);
        };
        const before = await held();
        // The first ones warm up caches and compilers.
        await churn(2000);
        const settled = async () => JSON.stringify(await held()) === JSON.stringify(before);
        await until(settled, { what: `${JSON.stringify(before)} again` });
        const first = await footprints();

        await flow.mark('churn');
        const startedAt = performance.now();
        const total: Churned = { cycles: 0, sockets: 0, streams: 0, items: 0 };
        const heaps: string[] = [];
        for (let round = 0; round < rounds; round++) {
          const churned = await churn(cycles / rounds);
          for (const key of Object.keys(total) as (keyof Churned)[]) total[key] += churned[key];
          heaps.push((await footprints()).map(({ heap }) => heap).join(' + '));
        }
        const perSecond = Math.round((total.cycles * 1000) / (performance.now() - startedAt));
        await until(settled, { what: `${JSON.stringify(before)} again` });
        const last = await footprints();
        const flowed = await flow.judged();
        const of = (all: readonly Footprint[], key: 'heap' | 'rss' | 'connections' | 'timers') =>
          all.map((one) => one[key]).join(' + ');
        console.log(
          `churn: ${total.cycles} subscriptions, ${perSecond} a second, on ${total.sockets} sockets and ${total.streams} streams, ` +
            `${total.items} of them told something; heap ${of(first, 'heap')} MiB before, ${heaps.join(', ')}, ${of(last, 'heap')} after; ` +
            `RSS ${of(first, 'rss')} before, ${of(last, 'rss')} after; connections ${of(first, 'connections')} before, ` +
            `${of(last, 'connections')} after; timers ${of(first, 'timers')}, ${of(last, 'timers')}\n` +
            toldFlow('beside it', flowed),
        );
        expect(total.cycles).toBeGreaterThanOrEqual(cycles);
        expect(total.items).toBeGreaterThan(0);
        for (const [place, { heap, connections, warnings }] of last.entries()) {
          expect(heap - (first[place]?.heap ?? 0)).toBeLessThan(swing);
          expect(connections).toBeLessThanOrEqual((first[place]?.connections ?? 0) + pool);
          expect(warnings).toEqual([]);
        }
        expect(flowed).toMatchObject({ verdict: flawless(flowed.verdict.expected), unknown: 0, resets: 0, ends: [] });
        expect(flowed.reconnections).toBe(0);
      } finally {
        await flow.ends();
      }
    }, 600_000);
  },
  { ownServer: true },
);

/** Every channel that Redis has subscribers for, with their number. */
async function channelsOf(redisUrl: string): Promise<unknown> {
  const client = new Redis(redisUrl);
  try {
    const channels = (await client.pubsub('CHANNELS', 'ovation:*')) as string[];
    return await client.pubsub('NUMSUB', ...channels.sort());
  } finally {
    client.disconnect();
  }
}
