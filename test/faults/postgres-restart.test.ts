import { expect, test } from 'vitest';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { useBreakablePostgres } from './breakable-postgres.ts';
import { useCluster } from './cluster.ts';
import { compare, flawless, readLog, spread, told } from './oracle.ts';
import { setStage } from './stage.ts';
import { Swarm } from './swarm.ts';
import { Traffic } from './traffic.ts';

const watching = 15;

describeRedis('PostgreSQL crashes and comes back while messages flow', () => {
  const redis = useRedis();
  const postgres = useBreakablePostgres();
  const cluster = useCluster({ redisUrl: () => redis.url, databaseUrl: () => postgres.url });

  test('sockets stay, writes are refused as retryable meanwhile, feeds go on by themselves, nothing is lost', async () => {
    const { eventId, cursor, participants } = await setStage(cluster, { participants: 8 });
    const [reader] = participants;
    const { urls } = cluster;
    const swarm = new Swarm({ count: watching, urls, eventId, after: cursor });
    const traffic = new Traffic({ senders: participants, urls, eventId, rate: 60 });
    await traffic.flows(60);
    await swarm.reaches(traffic.sent[0]?.sequence ?? 0);

    await postgres.crash();
    const away = performance.now();
    await until(() => traffic.refusals.filter(({ at }) => at > away).length >= 30, {
      limitMs: 15_000,
      what: 'writes to be refused',
    });
    const readiness = await Promise.all(cluster.instances.map((instance) => instance.ready()));
    const reading = await reader?.post('query($id: ID!) { videoEvent(id: $id) { title } }', { id: eventId });
    await postgres.startAgain();
    const back = performance.now();
    const before = traffic.sent.length;
    await until(() => traffic.sent.length > before, { limitMs: 15_000, what: 'the first write' });
    const firstMs = performance.now() - back;
    await traffic.flows(120);
    const sent = await traffic.stop();
    await swarm.reaches(Math.max(...sent.map(({ sequence }) => sequence)));
    await swarm.close();

    const log = (await readLog(cluster.databaseUrl, eventId)).filter(({ kind }) => kind === 'MessageSent');
    const verdict = compare(log, swarm.received);
    console.log(
      `PostgreSQL restart: ${told(verdict)}; away for ${Math.round(back - away)} ms, first write ${Math.round(firstMs)} ms after, ` +
        `${traffic.refusals.length} refusals after ${spread(traffic.refusals.map(({ afterMs }) => afterMs))}`,
    );
    expect(new Set(traffic.refusals.map(({ code }) => code))).toEqual(new Set(['UNAVAILABLE']));
    expect(readiness.map(({ httpStatus, status }) => [httpStatus, status])).toEqual(
      Array.from({ length: 3 }, () => [503, 'unavailable']),
    );
    expect(reading?.errors?.[0]?.extensions?.code).toBe('UNAVAILABLE');
    expect(verdict).toEqual(flawless(log.length * watching));
    expect(log.map(({ sequence, text }) => `${sequence} ${text}`)).toEqual(
      [...sent].sort((a, b) => a.sequence - b.sequence).map(({ sequence, text }) => `${sequence} ${text}`),
    );
    const socketsStayed = swarm.watchers.map(({ connections, resets, ended }) => [connections, resets.length, ended]);
    expect(socketsStayed).toEqual(Array.from({ length: watching }, () => [1, 0, null]));
  }, 120_000);
});
