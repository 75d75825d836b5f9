import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readCommitted } from '../../src/feed/doorbell.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { useCluster } from './cluster.ts';
import { SteadyFlow, toldFlow } from './flow/steady-flow.ts';
import type { RunningInstance } from './instance.ts';
import { compare, flawless, type Logged, readLog, spread, told } from './oracle.ts';
import { setStage } from './stage.ts';
import { Swarm } from './swarm.ts';
import { type Sent, Traffic } from './traffic.ts';

describeRedis('an instance is killed between commit and publish', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url, instances: 2 });
  const program = ['--import', 'tsx', fileURLToPath(new URL('./doomed-instance.ts', import.meta.url))];
  const startDoomed = (diesAt: number) => cluster.start({ DIES_AT: String(diesAt) }, program);

  /** Sequence and text of what it committed and did not publish, once it is gone. */
  async function unpublished(instance: RunningInstance): Promise<{ sequence: number; text: unknown }[]> {
    const last = await until(() => !instance.alive && /^unpublished (.*)\n/m.exec(instance.output)?.[1], {
      limitMs: 30_000,
      what: 'the instance to die',
    });
    expect((await instance.endBy('SIGKILL')).signal).toBe('SIGKILL');
    return readCommitted(last)?.entries.map(({ sequence, payload }) => ({ sequence, text: payload.text })) ?? [];
  }

  /** From the commit to the arrival of these entries at those who never lost their instance, in ms. */
  function delaysOf(entries: readonly { sequence: number }[], log: readonly Logged[], swarm: Swarm): number[] {
    const wanted = new Set(entries.map(({ sequence }) => sequence));
    const committedAt = new Map(log.map(({ sequence, occurredAt }) => [sequence, occurredAt]));
    return swarm.watchers
      .filter(({ connections }) => connections === 1)
      .flatMap(({ received }) => received.filter(({ sequence }) => wanted.has(sequence)))
      .map(({ sequence, at }) => performance.timeOrigin + at - (committedAt.get(sequence) ?? 0));
  }

  const inOrder = (sent: readonly Sent[]) =>
    [...sent].sort((a, b) => a.sequence - b.sequence).map(({ sequence, text }) => ({ sequence, text }));

  test('subscribers elsewhere get the entry, and its sender tries again and has written once', async () => {
    const [ofOne, ofMany] = await Promise.all([startDoomed(1), startDoomed(20)]);
    const [first, second] = [cluster.instance(0).url, cluster.instance(1).url];
    const [quiet, busy] = await Promise.all([
      setStage(cluster, { participants: 1 }),
      setStage(cluster, { participants: 12 }),
    ]);
    const flow = await SteadyFlow.start(cluster, { redisUrl: redis.url });
    const swarms = [quiet, busy].map(
      ({ eventId, cursor }) => new Swarm({ count: 12, urls: cluster.urls, eventId, after: cursor }),
    );
    const [quietly, busily] = swarms as [Swarm, Swarm];
    try {
      for (const [swarm, { host, eventId }] of [[quietly, quiet] as const, [busily, busy] as const]) {
        const { sentMessage } = await host.mutate('sendMessage', { eventId, text: 'live' }, 'sentMessage { sequence }');
        await swarm.reaches(sentMessage.sequence);
      }

      // Nothing else is written to this event: no later message tells that there was one before it.
      await flow.mark('killed with the last message of a feed');
      const lone = new Traffic({
        senders: quiet.participants,
        urls: [ofOne.url, first],
        eventId: quiet.eventId,
        count: 1,
      });
      const lost = await unpublished(ofOne);
      const retried = await lone.done();
      await quietly.reaches(Math.max(...lost.map(({ sequence }) => sequence)));

      await flow.mark('killed among many messages');
      const traffic = new Traffic({
        senders: busy.participants,
        urls: [ofMany.url, first, second],
        eventId: busy.eventId,
      });
      const lostTogether = await unpublished(ofMany);
      await Promise.all([traffic.flows(100), flow.lasts(1000)]);
      const sent = await traffic.stop();
      await busily.reaches(Math.max(...sent.map(({ sequence }) => sequence)));
      const flowed = await flow.judged();

      const logs = await Promise.all(
        [quiet, busy].map(async ({ eventId }) =>
          (await readLog(cluster.databaseUrl, eventId)).filter(({ kind }) => kind === 'MessageSent'),
        ),
      );
      const [quietLog, busyLog] = logs as [Logged[], Logged[]];
      const verdicts = [compare(quietLog, quietly.received), compare(busyLog, busily.received)] as const;
      console.log(
        `killed between commit and publish: a feed's last entry: ${told(verdicts[0])}, commit to arrival elsewhere ` +
          `${spread(delaysOf(lost, quietLog, quietly))}\n${lostTogether.length} of ${sent.length} messages: ` +
          `${told(verdicts[1])}, commit to arrival elsewhere ${spread(delaysOf(lostTogether, busyLog, busily))}\n` +
          toldFlow('beside it', flowed),
      );
      expect(lost).toHaveLength(1);
      expect(retried.map(({ attempts }) => attempts)).toEqual([2]);
      // One effect of each: the acknowledgement of the second attempt names the place of the first.
      expect(inOrder(retried)).toEqual(lost);
      expect(quietLog.slice(1).map(({ sequence, text }) => ({ sequence, text }))).toEqual(lost);
      expect(lostTogether.length).toBeGreaterThan(0);
      const again = sent.filter(({ attempts }) => attempts > 1);
      expect(inOrder(again)).toEqual(expect.arrayContaining(lostTogether));
      expect(busyLog.slice(1).map(({ sequence, text }) => ({ sequence, text }))).toEqual(inOrder(sent));
      expect(verdicts).toEqual([flawless(quietLog.length * 12), flawless(busyLog.length * 12)]);
      for (const { resets, ended } of swarms.flatMap(({ watchers }) => watchers)) {
        expect({ resets, ended }).toEqual({ resets: [], ended: null });
      }
      expect(flowed).toMatchObject({ verdict: flawless(flowed.verdict.expected), unknown: 0, resets: 0, ends: [] });
    } finally {
      await Promise.all([...swarms.map((swarm) => swarm.close()), flow.ends()]);
    }
  }, 120_000);
});
