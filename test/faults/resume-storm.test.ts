import { expect, test } from 'vitest';
import { describeRedis, useRedis } from '../redis.ts';
import { useCluster } from './cluster.ts';
import { SteadyFlow, toldFlow } from './flow/steady-flow.ts';
import { flawless } from './oracle.ts';
import { useCountedPostgres } from './statements.ts';

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
  async function storm(each: number) {
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
      return { ...statements, reconnections: flowed.reconnections };
    } finally {
      await flow.ends();
    }
  }

  test('nothing is lost; reads of the log grow with feeds and instances, and clients share those that authorise them', async () => {
    const few = await storm(25);
    const many = await storm(125);
    // A few for each feed, instance and storm would be many more; one for each client would be thousands.
    for (const { tops, entries } of [few, many]) expect(tops + entries).toBeLessThan(storms * events * instances);
    expect(many.access).toBeLessThan(many.reconnections);
  }, 180_000);
});
