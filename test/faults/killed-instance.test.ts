import { expect, test } from 'vitest';
import { describeRedis, useRedis } from '../redis.ts';
import { useCluster } from './cluster.ts';
import { SteadyFlow, toldFlow } from './flow/steady-flow.ts';
import { compare, flawless, readLog, told } from './oracle.ts';
import { setStage } from './stage.ts';
import { Swarm } from './swarm.ts';
import { Traffic } from './traffic.ts';

describeRedis('an instance is killed while messages flow', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url });

  test('its subscribers resume elsewhere without loss, and what was in flight takes effect once', async () => {
    const { eventId, cursor, participants } = await setStage(cluster, { participants: 12 });
    const { urls } = cluster;
    const flow = await SteadyFlow.start(cluster, { redisUrl: redis.url });
    const swarm = new Swarm({ count: 30, urls, eventId, after: cursor });
    try {
      const traffic = new Traffic({ senders: participants, urls, eventId });
      await Promise.all([traffic.flows(100), flow.lasts(3000)]);
      await swarm.reaches(traffic.sent[0]?.sequence ?? 0);

      await flow.mark('an instance killed');
      const ending = await cluster.instance(2).kill();
      await Promise.all([traffic.flows(300), flow.lasts(5000)]);
      const sent = await traffic.stop();
      const flowed = await flow.judged();
      await swarm.reaches(Math.max(...sent.map(({ sequence }) => sequence)));

      const log = (await readLog(cluster.databaseUrl, eventId)).filter(({ kind }) => kind === 'MessageSent');
      const verdict = compare(log, swarm.received);
      const retried = sent.filter(({ attempts }) => attempts > 1);
      console.log(
        `killed instance: ${told(verdict)}; ${sent.length} messages, ${retried.length} of them retried, ` +
          `${swarm.watchers.filter(({ connections }) => connections > 1).length} subscribers came back\n` +
          toldFlow('beside it', flowed),
      );
      expect(ending.signal).toBe('SIGKILL');
      expect(verdict).toEqual(flawless(log.length * 30));
      expect(retried.length).toBeGreaterThan(0);
      // Acknowledged or retried until it was: each stands in the log once, where its sender was told.
      expect(log.map(({ sequence, text }) => `${sequence} ${text}`)).toEqual(
        [...sent].sort((a, b) => a.sequence - b.sequence).map(({ sequence, text }) => `${sequence} ${text}`),
      );
      for (const [place, { connections, resets, ended }] of swarm.watchers.entries()) {
        const wasOnKilled = place % 3 === 2;
        expect({ place, back: connections > 1, resets, ended }).toEqual({
          place,
          back: wasOnKilled,
          resets: [],
          ended: null,
        });
      }
      expect(flowed).toMatchObject({ verdict: flawless(flowed.verdict.expected), unknown: 0, resets: 0, ends: [] });
      expect(flowed.reconnections).toBeGreaterThan(0);
    } finally {
      await Promise.all([swarm.close(), flow.ends()]);
    }
  }, 120_000);
});
