import { afterAll, expect, test } from 'vitest';
import { rateLimits } from '../../src/server/rate-limits.ts';
import { join } from '../actor.ts';
import { Child } from '../child.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { soak } from '../soak.ts';
import type { Churned, ChurnOptions } from './churn/churner.ts';
import { useCluster } from './cluster.ts';
import { eventLoopTime, toldEventLoop } from './event-loop-time.ts';
import type { Answered, Attacked, AttackOptions } from './flood/attackers.ts';
import { SteadyFlow, toldFlow } from './flow/steady-flow.ts';
import { flawless } from './oracle.ts';
import { crowd } from './stage.ts';

const watching = 300;
const perSecond = 20;
/** Beyond the p99 of one attack of 15 s are three entries: it tells of those. The long form is long enough for a p99 to be one. */
const waves = soak ? 6 : 1;
const idleSeconds = soak ? 60 : 10;

describeRedis('a live event while others are up to no good', () => {
  const redis = useRedis();
  // As in production: limits are on, and addresses come from the load balancer.
  const env = { RATE_LIMITS: 'true', TRUST_PROXY: 'true' };
  const cluster = useCluster({ instances: 2, redisUrl: () => redis.url, env });
  const attackers = new Child(new URL('./flood/attackers.ts', import.meta.url)).standsForOtherMachines('makes room');
  const churner = new Child(new URL('./churn/churner.ts', import.meta.url)).standsForOtherMachines('makes room');
  afterAll(() => Promise.all([attackers.end(), churner.end()]));

  test(`its ${watching} subscribers get everything, and every attack its refusal`, async () => {
    const { urls } = cluster;
    const flow = await SteadyFlow.start(cluster, {
      redisUrl: redis.url,
      events: 1,
      each: watching,
      rate: perSecond,
      together: 1,
    });
    try {
      const [noisy] = await crowd(cluster, 1);
      if (noisy === undefined) throw new Error('there is somebody');
      const eventId = flow.events[0]?.eventId ?? '';
      await join(noisy, eventId);
      const attacking: AttackOptions = {
        urls,
        login: noisy.signedIn.username,
        eventId,
        token: noisy.signedIn.accessToken,
      };
      const churning: ChurnOptions = {
        urls,
        lively: [eventId],
        quiet: [eventId],
        token: noisy.signedIn.accessToken,
        cycles: 2000,
        lanes: 8,
        // They come in the midst of all that.
        limitMs: 90_000,
      };
      // The connections of 300 subscribers are behind them.
      await flow.lasts(5 * perSecond);
      await flow.mark('idle');
      await flow.lasts(idleSeconds * perSecond);
      await flow.mark('attacked');
      const before = cluster.instances.map(({ pid }) => eventLoopTime(pid));
      const attacks: Attacked[] = [];
      let cycles = 0;
      for (let wave = 0; wave < waves; wave++) {
        const [attacked, churned] = await Promise.all([
          attackers.ask<Attacked>('attack', attacking),
          churner.ask<Churned>('churn', churning),
        ]);
        attacks.push(attacked);
        cycles += churned.cycles;
      }
      const loops = cluster.instances.map(({ pid }, place) => toldEventLoop(before[place], eventLoopTime(pid)));
      await flow.mark('afterwards');
      await flow.lasts(2 * perSecond);
      const flowed = await flow.judged();
      const p99 = (name: string) => flowed.stretches.find((stretch) => stretch.name === name)?.delays.p99 ?? Number.NaN;
      const { logIns, aliases, messages, frames, ms } = inAll(attacks);
      console.log(
        `attacked for ${Math.round(ms)} ms: ${500 * waves} log-ins ${JSON.stringify(logIns)}; ${100 * waves} documents of 100 log-ins ` +
          `${JSON.stringify(aliases)}; ${400 * waves} messages ${JSON.stringify(messages)}; ${40 * waves} sockets that shout ` +
          `${JSON.stringify(frames)}; ${cycles} subscriptions come and gone; p99 delivery ${p99('idle')} -> ${p99('attacked')} ms ` +
          `(target: doubled at most); ${loops.join('; ')}\n${toldFlow('the event', flowed)}`,
      );

      const sum = (answered: Answered) => Object.values(answered).reduce((all, one) => all + one, 0);
      // As many as the queue of hashes takes, and for the others a time to come back.
      expect(Object.keys(logIns).sort()).toEqual(['INVALID_CREDENTIALS', 'UNAVAILABLE']);
      expect(sum(logIns)).toBe(500 * waves);
      expect(aliases).toEqual({ LIMIT_EXCEEDED: 100 * waves });
      expect(Object.keys(messages).sort()).toEqual(['RATE_LIMITED', 'SendMessagePayload']);
      const { points, duration } = rateLimits.message;
      // Another time of counting may begin meanwhile.
      expect(messages.SendMessagePayload).toBeLessThanOrEqual(points * (1 + Math.ceil(ms / 1000 / duration)));
      expect(sum(messages)).toBe(400 * waves);
      expect(frames).toEqual({ 4429: 40 * waves });
      expect(cycles).toBeGreaterThanOrEqual(churning.cycles * waves);
      expect(flowed).toMatchObject({ verdict: flawless(flowed.verdict.expected), unknown: 0, resets: 0, ends: [] });
      expect(flowed.reconnections).toBe(0);
      expect(cluster.instances.every(({ alive }) => alive)).toBe(true);
    } finally {
      await flow.ends();
    }
  }, 600_000);
});

/** What all of them were answered. */
function inAll(attacks: readonly Attacked[]): Attacked {
  const all: Attacked = { logIns: {}, aliases: {}, messages: {}, frames: {}, ms: 0 };
  for (const { ms, ...answered } of attacks) {
    all.ms += ms;
    for (const kind of ['logIns', 'aliases', 'messages', 'frames'] as const)
      for (const [code, count] of Object.entries(answered[kind])) all[kind][code] = (all[kind][code] ?? 0) + count;
  }
  return all;
}
