import { expect, test } from 'vitest';
import { describeRedis, useRedis } from '../redis.ts';
import { useCluster } from './cluster.ts';
import { SteadyFlow, toldFlow } from './flow/steady-flow.ts';
import type { Ending } from './instance.ts';
import { compare, flawless, readLog, spread, told } from './oracle.ts';
import { setStage } from './stage.ts';
import { Swarm } from './swarm.ts';
import { Traffic } from './traffic.ts';

const watching = 30;

describeRedis('all three instances are replaced, one after the other, while messages flow', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url });

  test('sockets are sent away with 1012, no mutation fails twice, nothing is lost, each instance exits with 0', async () => {
    const { eventId, cursor, participants } = await setStage(cluster, { participants: 12 });
    const leaving = [...cluster.instances];
    // Each successor takes its predecessor's port, as behind a deployment's fixed names: clients need no other addresses.
    const urls = [...cluster.urls];
    const flow = await SteadyFlow.start(cluster, { redisUrl: redis.url });
    const swarm = new Swarm({ count: watching, urls, eventId, after: cursor });
    const endings: Ending[] = [];
    try {
      const traffic = new Traffic({ senders: participants, urls, eventId, rate: 150 });
      await Promise.all([traffic.flows(100), flow.lasts(2000)]);
      await swarm.reaches(traffic.sent[0]?.sequence ?? 0);

      await flow.mark('restarting');
      const startedAt = performance.now();
      for (const instance of leaving) {
        endings.push(await instance.endBy('SIGTERM'));
        await cluster.start({ PORT: new URL(instance.url).port });
        await Promise.all([traffic.flows(50), flow.lasts(1000)]);
      }
      const tookMs = performance.now() - startedAt;
      await flow.mark('restarted');
      await Promise.all([traffic.flows(100), flow.lasts(2000)]);
      const sent = await traffic.stop();
      const flowed = await flow.judged();
      await swarm.reaches(Math.max(...sent.map(({ sequence }) => sequence)));

      const log = (await readLog(cluster.databaseUrl, eventId)).filter(({ kind }) => kind === 'MessageSent');
      const verdict = compare(log, swarm.received);
      console.log(
        `rolling restart: ${told(verdict)}; ${Math.round(tookMs)} ms in all, drained in ` +
          `${endings.map(({ afterMs }) => Math.round(afterMs)).join(', ')} ms; ${sent.length} messages, ` +
          `${sent.filter(({ attempts }) => attempts > 1).length} of them retried, acknowledged ` +
          `${spread(sent.map(({ sentAt, acknowledgedAt }) => acknowledgedAt - sentAt))}\n${toldFlow('beside it', flowed)}`,
      );
      expect(endings.map(({ code, signal }) => ({ code, signal }))).toEqual(
        Array.from({ length: 3 }, () => ({ code: 0, signal: null })),
      );
      expect(cluster.urls.slice(3)).toEqual(urls);
      expect(sent.filter(({ attempts }) => attempts > 2)).toEqual([]);
      expect(verdict).toEqual(flawless(log.length * watching));
      expect(log.map(({ sequence, text }) => `${sequence} ${text}`)).toEqual(
        [...sent].sort((a, b) => a.sequence - b.sequence).map(({ sequence, text }) => `${sequence} ${text}`),
      );
      for (const { connections, closes, resets, ended } of swarm.watchers) {
        expect({ codes: [...new Set(closes)], moved: connections > 1, resets, ended }).toEqual({
          codes: [1012],
          moved: true,
          resets: [],
          ended: null,
        });
      }
      expect(flowed).toMatchObject({ verdict: flawless(flowed.verdict.expected), unknown: 0, resets: 0, ends: [] });
      expect(flowed.closes).toEqual({ 1012: flowed.reconnections });
    } finally {
      await Promise.all([swarm.close(), flow.ends()]);
    }
  }, 120_000);
});
