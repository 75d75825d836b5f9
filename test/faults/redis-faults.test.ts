import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { describeRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { useBreakableRedis } from './breakable-redis.ts';
import { useCluster } from './cluster.ts';
import { compare, flawless, readLog, spread, told } from './oracle.ts';
import { setStage } from './stage.ts';
import { Swarm } from './swarm.ts';
import { delays, Traffic } from './traffic.ts';

/** Messages a second, and subscribers. */
const rate = 20;
const watching = 9;
/** The spans of the test in which Redis works. */

describeRedis(
  'Redis fails while messages flow',
  () => {
    const redis = useBreakableRedis();
    // With its rate limits, which ask Redis too: no sender here sends so much that they matter.
    const cluster = useCluster({ redisUrl: () => redis.url, env: { RATE_LIMITS: 'true' } });

    const everyInstanceIs = (status: string) =>
      until(
        async () => {
          // Asked without a pause, three instances and their database would be busy with the answers.
          await pause(100);
          const all = await Promise.all(cluster.instances.map((instance) => instance.ready()));
          return all.every((ready) => ready.status === status && ready.httpStatus === 200);
        },
        { limitMs: 15_000, what: `every instance to be ${status}` },
      );

    test('nothing is lost, writes go on, and readiness tells', async () => {
      const { eventId, cursor, participants } = await setStage(cluster, { participants: 60 });
      const { urls } = cluster;
      const swarm = new Swarm({ count: watching, urls, eventId, after: cursor });
      // Cold code is slow, which is no fault of Redis.
      const warm = await new Traffic({ senders: participants.slice(0, 6), urls, eventId, count: 200 }).done();
      await swarm.reaches(Math.max(...warm.map(({ sequence }) => sequence)));
      const traffic = new Traffic({ senders: participants, urls, eventId, rate });
      const spans: { name: string; from: number; to: number }[] = [];
      const during = async (name: string, body: () => Promise<unknown>) => {
        const from = performance.now();
        await body();
        spans.push({ name, from, to: performance.now() });
      };

      await during('Redis up', () => traffic.flows(2 * rate));
      await during('hanging', async () => {
        redis.pause();
        await Promise.all([everyInstanceIs('degraded'), traffic.flows(5 * rate)]);
      });
      redis.goOn();
      await everyInstanceIs('ready');
      await during('killed', async () => {
        await redis.kill();
        await Promise.all([everyInstanceIs('degraded'), traffic.flows(3 * rate)]);
      });
      await redis.startAgain();
      await everyInstanceIs('ready');
      await during('subscribers cut', async () => {
        await redis.cutSubscribers();
        await traffic.flows(2 * rate);
      });
      await everyInstanceIs('ready');
      await during('up again', () => traffic.flows(rate));

      const sent = await traffic.stop();
      await swarm.reaches(Math.max(...sent.map(({ sequence }) => sequence)));
      await swarm.close();

      const log = (await readLog(cluster.databaseUrl, eventId)).filter(({ kind }) => kind === 'MessageSent');
      const verdict = compare(log, swarm.received);
      const figures = spans.map(({ name, ...span }) => {
        const writes = sent.filter(({ sentAt }) => sentAt >= span.from && sentAt < span.to);
        const acknowledged = writes.map(({ sentAt, acknowledgedAt }) => acknowledgedAt - sentAt);
        return { name, acknowledged, delivered: delays(sent, swarm.received, span) };
      });
      const lines = figures.map(
        ({ name, acknowledged, delivered }) =>
          `${name}: acknowledged ${spread(acknowledged)}, delivered ${spread(delivered)}`,
      );
      console.log(`Redis faults: ${told(verdict)}; ${lines.join('; ')}`);
      expect(verdict).toEqual(flawless(log.length * watching));
      expect(log).toHaveLength(warm.length + sent.length);
      expect(traffic.refusals).toEqual([]);
      expect(swarm.watchers.every(({ connections, resets }) => connections === 1 && resets.length === 0)).toBe(true);
    }, 150_000);
  },
  { ownServer: true },
);
