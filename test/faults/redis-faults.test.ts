import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { describeRedis } from '../redis.ts';
import { useBreakableRedis } from './breakable-redis.ts';
import { useCluster } from './cluster.ts';
import type { Flowed } from './flow/steady-flow.ts';
import { SteadyFlow, toldFlow } from './flow/steady-flow.ts';
import { compare, flawless, readLog, spread, told } from './oracle.ts';
import { setStage } from './stage.ts';
import { Swarm } from './swarm.ts';
import { Traffic } from './traffic.ts';

/** Messages a second, and subscribers. */
const rate = 20;
const watching = 9;
/** How long Redis hangs, is gone, and is watched after its return, in ms. */
const hangsMs = 10_000;
const goneMs = 5_000;
const backMs = 5_000;

describeRedis(
  'Redis fails while messages flow',
  () => {
    const redis = useBreakableRedis();
    // With its rate limits, which ask Redis too: no sender here sends so much that they matter.
    const cluster = useCluster({ redisUrl: () => redis.url, env: { RATE_LIMITS: 'true' } });

    test('nothing is lost, writes go on, and readiness tells', async () => {
      const { eventId, cursor, participants } = await setStage(cluster, { participants: 60 });
      const { urls } = cluster;
      const swarm = new Swarm({ count: watching, urls, eventId, after: cursor });
      // Cold code is slow, which is no fault of Redis.
      const warm = await new Traffic({ senders: participants.slice(0, 20), urls, eventId, count: 200 }).done();
      await swarm.reaches(Math.max(...warm.map(({ sequence }) => sequence)));
      const flow = await SteadyFlow.start(cluster, { redisUrl: redis.url });
      const traffic = new Traffic({ senders: participants, urls, eventId, rate });
      const spans: { name: string; from: number; to: number }[] = [];
      const during = async (name: string, body: () => Promise<unknown>) => {
        await flow.mark(name);
        const from = performance.now();
        await body();
        spans.push({ name, from, to: performance.now() });
      };
      /** Each second after the return is a stretch of its own; resolves with the ms until every instance is ready. */
      const comesBack = async (name: string) => {
        const from = performance.now();
        const ready = cluster.everyInstanceIs('ready').then(() => Math.round(performance.now() - from));
        for (let second = 0; second < backMs; second += 1000) {
          await flow.mark(`${name}+${second}`);
          await pause(1000);
        }
        return ready;
      };
      try {
        await during('Redis up', () => Promise.all([traffic.flows(4 * rate), flow.lasts(4000)]));
        await during('hanging', async () => {
          redis.pause();
          const hangs = pause(hangsMs);
          await cluster.everyInstanceIs('degraded');
          await flow.mark('hanging, and noticed');
          await Promise.all([hangs, traffic.flows(2 * rate)]);
        });
        redis.goOn();
        const readyAfterHanging = await comesBack('back');
        await during('killed', async () => {
          await redis.kill();
          await Promise.all([pause(goneMs), cluster.everyInstanceIs('degraded'), traffic.flows(2 * rate)]);
        });
        await redis.startAgain();
        const readyAfterRestart = await comesBack('restarted');

        const sent = await traffic.stop();
        await swarm.reaches(Math.max(...sent.map(({ sequence }) => sequence)));
        const flowed = await flow.judged();

        const log = (await readLog(cluster.databaseUrl, eventId)).filter(({ kind }) => kind === 'MessageSent');
        const verdict = compare(log, swarm.received);
        const acknowledged = spans.map(({ name, from, to }) => {
          const within = sent.filter(({ sentAt }) => sentAt >= from && sentAt < to);
          return `${name} ${spread(within.map((one) => one.acknowledgedAt - one.sentAt))}`;
        });
        console.log(
          `Redis faults: ${told(verdict)}; acknowledged: ${acknowledged.join('; ')}\n` +
            `ready ${readyAfterHanging} ms after it went on, ${readyAfterRestart} ms after its restart; ` +
            `as fast as before in ${asBefore(flowed, 'back')} and ${asBefore(flowed, 'restarted')}\n` +
            toldFlow('beside it', flowed),
        );
        expect(verdict).toEqual(flawless(log.length * watching));
        expect(log).toHaveLength(warm.length + sent.length);
        expect(traffic.refusals).toEqual([]);
        expect(swarm.watchers.every(({ connections, resets }) => connections === 1 && resets.length === 0)).toBe(true);
        expect(flowed).toMatchObject({
          verdict: flawless(flowed.verdict.expected),
          unknown: 0,
          failures: 0,
          reconnections: 0,
          resets: 0,
          ends: [],
        });
      } finally {
        await Promise.all([swarm.close(), flow.ends()]);
      }
    }, 150_000);
  },
  { ownServer: true },
);

/** The first second after the return of which p99 was at most twice what it was before. */
function asBefore({ stretches }: Flowed, name: string): string {
  const before = stretches.find((stretch) => stretch.name === 'Redis up')?.delays.p99 ?? 0;
  const seconds = stretches.filter((stretch) => stretch.name.startsWith(`${name}+`));
  const first = seconds.findIndex(({ delays }) => delays.p99 <= 2 * before);
  return first < 0 ? `later than ${seconds.length} s` : `second ${first + 1}`;
}
