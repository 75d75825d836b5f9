import { afterAll, expect, test } from 'vitest';
import { createEvent, signUp } from '../actor.ts';
import { Child } from '../child.ts';
import { useCluster } from '../faults/cluster.ts';
import { eventLoopTime, toldEventLoop } from '../faults/event-loop-time.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { soak } from '../soak.ts';
import { until } from '../wait.ts';
import type { Flooded, FloodOptions } from './log-in-flood.ts';
import type { Asked, TrafficOptions } from './steady-traffic.ts';

const count = 500;
/** Others send some seventy requests in a burst: its p99 is the slowest of them. The long form has enough for one. */
const bursts = soak ? 6 : 1;

describeRedis(`${count} log-ins at once`, () => {
  const redis = useRedis();
  // No rate limit stands before the queue of hashes here: in production ten of these would reach it.
  const cluster = useCluster({ instances: 1, redisUrl: () => redis.url, env: { TRUST_PROXY: 'true' } });
  const flooders = new Child(new URL('./log-in-flood.ts', import.meta.url)).standsForOtherMachines('makes room');
  const others = new Child(new URL('./steady-traffic.ts', import.meta.url)).standsForOtherMachines('comes first');
  afterAll(() => Promise.all([flooders.end(), others.end()]));

  test('are each answered, served or with a time to come back, while other traffic goes on', async () => {
    const { url } = cluster.instance(0);
    const host = await signUp(url, { role: 'HOST' });
    const eventId = await createEvent(host);
    const traffic: TrafficOptions = {
      url,
      body: { query: 'query($id: ID!) { videoEvent(id: $id) { title status } }', variables: { id: eventId } },
      everyMs: 20,
    };
    const flooding = { url, count, login: host.signedIn.username } satisfies Partial<FloodOptions>;
    const sent = async (requests: number) => {
      const enough = async () => (await others.ask<number>('sent')) >= requests;
      await until(enough, { limitMs: 60_000, what: `${requests} requests of others` });
      return others.ask<Asked>('stretch');
    };

    await others.ask('begin', traffic);
    // What is compiled is compiled, and connections are open.
    await sent(100);
    const idle = await sent(200 * bursts);
    const before = eventLoopTime(cluster.instance(0).pid);
    const floods: Flooded[] = [];
    for (let burst = 0; burst < bursts; burst++)
      floods.push(await flooders.ask<Flooded>('flood', { ...flooding, comingBackForMs: 0 }));
    const disturbed = await others.ask<Asked>('stretch');
    const loop = toldEventLoop(before, eventLoopTime(cluster.instance(0).pid));
    const comingBack = await flooders.ask<Flooded>('flood', { ...flooding, comingBackForMs: 20_000 });
    const kept = await others.ask<Asked>('stretch');

    const toldFlood = ({ ms, asked, judged, refused }: Flooded) =>
      `${asked} requests in ${Math.round(ms)} ms, ${judged} judged, refused ${JSON.stringify(refused)}`;
    const toldTraffic = ({ count, ms }: Asked) => `p50 ${ms.p50}, p99 ${ms.p99}, max ${ms.max} ms (${count} requests)`;
    console.log(
      `idle: ${toldTraffic(idle)}\n${count} log-ins at once: ${floods.map(toldFlood).join('; ')}; other traffic ${toldTraffic(disturbed)}; ${loop}\n` +
        `${count} that come back: ${toldFlood(comingBack)}; other traffic ${toldTraffic(kept)}`,
    );

    for (const { judged, refused, strange, asked } of [...floods, comingBack]) {
      expect(strange).toEqual([]);
      const refusals = Object.values(refused).reduce((sum, one) => sum + one, 0);
      expect(judged + refusals).toBe(asked);
      expect(Object.keys(refused).filter((code) => !['UNAVAILABLE', 'RATE_LIMITED'].includes(code))).toEqual([]);
      // As many as the queue holds, at the least.
      expect(judged).toBeGreaterThanOrEqual(64);
      expect(refusals).toBeGreaterThan(0);
    }
    // Who waits as long as they are told gets in.
    expect(comingBack.judged).toBeGreaterThan(floods[0]?.judged ?? 0);
    expect([...idle.failed, ...disturbed.failed, ...kept.failed]).toEqual([]);
  }, 120_000);
});
