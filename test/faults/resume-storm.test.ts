import { expect, test } from 'vitest';
import { describeRedis, useRedis } from '../redis.ts';
import { useCluster } from './cluster.ts';
import { SteadyFlow, toldFlow } from './flow/steady-flow.ts';
import { flawless } from './oracle.ts';
import { type Statements, useCountedPostgres } from './statements.ts';

const storms = 8;
const events = 4;
const instances = 3;
/** Entries a second, all of which go to a quarter of the watchers. */
const rate = 100;

describeRedis('all subscribers lose their sockets every 500 ms while entries are written', () => {
  const redis = useRedis();
  const postgres = useCountedPostgres();
  const cluster = useCluster({ redisUrl: () => redis.url, databaseUrl: () => postgres.url, instances });

  /** So many watchers of each event, cut off again and again. */
  async function storm(each: number): Promise<Statements> {
    const flow = await SteadyFlow.start(cluster, { redisUrl: redis.url, events, each, rate });
    try {
      await flow.mark('resume storm');
      const counted = postgres.counted();
      for (let number = 0; number < storms; number++) {
        await flow.cut();
        await flow.lasts(rate / 2);
      }
      await flow.mark('after it');
      const flowed = await flow.judged();
      const statements = counted();
      console.log(
        `${toldFlow(`resume storm of ${each * events}`, flowed)}; reads of the database: ${statements.access} of access, ` +
          `${statements.tops} of tops, ${statements.entries} of entries; ${statements.all} statements in all, the writer's too`,
      );
      expect(flowed).toMatchObject({ verdict: flawless(flowed.verdict.expected), unknown: 0, resets: 0, ends: [] });
      expect(flowed.reconnections).toBeGreaterThanOrEqual(each * events);
      return statements;
    } finally {
      await flow.ends();
    }
  }

  test('nothing is lost, and the reads of the database grow with feeds and instances, not with clients', async () => {
    const few = await storm(25);
    const many = await storm(125);
    // For each feed, instance and storm; one for each client would be some 8,000 of the many.
    const most = storms * events * instances * 12;
    for (const { access, tops, entries } of [few, many]) expect(access + tops + entries).toBeLessThan(most);
  }, 180_000);
});
