import { expect, test } from 'vitest';
import { describeRedis, useRedis } from '../redis.ts';
import { useCluster } from './cluster.ts';
import { compare, flawless, readLog, spread, told } from './oracle.ts';
import { setStage } from './stage.ts';
import { Swarm } from './swarm.ts';
import { delays, Traffic } from './traffic.ts';

describeRedis('three instances', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url });

  test('300 subscribers on all three get 1,000 messages sent through all three, each once and in one order', async () => {
    const { eventId, cursor, participants } = await setStage(cluster, { participants: 6 });
    const { urls } = cluster;
    const swarm = new Swarm({ count: 300, urls, eventId, after: cursor });
    await new Traffic({ senders: participants.slice(0, 1), urls, eventId, count: 1 }).done();
    const start = await readLog(cluster.databaseUrl, eventId);
    await swarm.reaches(start.at(-1)?.sequence ?? 0);

    const startedAt = performance.now();
    const traffic = new Traffic({ senders: participants, urls, eventId, count: 1000 });
    const sent = await traffic.done();
    const sentMs = performance.now() - startedAt;
    await swarm.reaches(Math.max(...sent.map(({ sequence }) => sequence)), 60_000);
    const allMs = performance.now() - startedAt;
    await swarm.close();

    const log = (await readLog(cluster.databaseUrl, eventId)).filter(({ kind }) => kind === 'MessageSent');
    const verdict = compare(log, swarm.received);
    console.log(
      `three instances: ${told(verdict)}; sent in ${Math.round(sentMs)} ms, delivered in ${Math.round(allMs)} ms; ` +
        `from sending to arrival ${spread(delays(sent, swarm.received))}`,
    );
    expect(log).toHaveLength(1001);
    expect(verdict).toEqual(flawless(300 * 1001));
    expect(traffic.refusals).toEqual([]);
    expect(swarm.watchers.every(({ connections, resets }) => connections === 1 && resets.length === 0)).toBe(true);
  }, 240_000);
});
