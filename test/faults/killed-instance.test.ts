import { expect, test } from 'vitest';
import { describeRedis, useRedis } from '../redis.ts';
import { useCluster } from './cluster.ts';
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
    const swarm = new Swarm({ count: 30, urls, eventId, after: cursor });
    const traffic = new Traffic({ senders: participants, urls, eventId });
    await traffic.flows(100);
    await swarm.reaches(traffic.sent[0]?.sequence ?? 0);

    const ending = await cluster.instance(2).kill();
    await traffic.flows(300);
    const sent = await traffic.stop();
    await swarm.reaches(Math.max(...sent.map(({ sequence }) => sequence)));
    await swarm.close();

    const log = (await readLog(cluster.databaseUrl, eventId)).filter(({ kind }) => kind === 'MessageSent');
    const verdict = compare(log, swarm.received);
    const retried = sent.filter(({ attempts }) => attempts > 1);
    console.log(
      `killed instance: ${told(verdict)}; ${sent.length} messages, ${retried.length} of them retried, ` +
        `${swarm.watchers.filter(({ connections }) => connections > 1).length} subscribers came back`,
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
  }, 120_000);
});
