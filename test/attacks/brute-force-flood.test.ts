import { afterAll, expect, test } from 'vitest';
import { createEvent, signUp } from '../actor.ts';
import { Child } from '../child.ts';
import { useCluster } from '../faults/cluster.ts';
import { eventLoopTime, toldEventLoop } from '../faults/event-loop-time.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import type { Flooded, FloodOptions } from './log-in-flood.ts';
import type { Asked, TrafficOptions } from './steady-traffic.ts';

const count = 500;

describeRedis(`${count} log-ins at once`, () => {
  const redis = useRedis();
  // No rate limit stands before the queue of hashes here: in production ten of these would reach it.
  const cluster = useCluster({ instances: 1, redisUrl: () => redis.url, env: { TRUST_PROXY: 'true' } });
  const flooders = new Child(new URL('./log-in-flood.ts', import.meta.url)).standsForOtherMachines();
  const others = new Child(new URL('./steady-traffic.ts', import.meta.url));
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
    const flooding: FloodOptions = { url, count, login: host.signedIn.username };
    const sent = async (requests: number) => {
      const enough = async () => (await others.ask<number>('sent')) >= requests;
      await until(enough, { limitMs: 60_000, what: `${requests} requests of others` });
      return others.ask<Asked>('stretch');
    };

    await others.ask('begin', traffic);
    // What is compiled is compiled, and connections are open.
    await sent(100);
    const idle = await sent(200);
    const before = eventLoopTime(cluster.instance(0).pid);
    const { judged, refused, strange, lastRefusalMs, ms } = await flooders.ask<Flooded>('flood', flooding);
    const disturbed = await others.ask<Asked>('stretch');

    console.log(
      `${count} log-ins in ${Math.round(ms)} ms: ${judged} judged, refused ${JSON.stringify(refused)} (the last after ` +
        `${Math.round(lastRefusalMs)} ms); other traffic p50 ${idle.ms.p50} -> ${disturbed.ms.p50} ms, p99 ` +
        `${idle.ms.p99} -> ${disturbed.ms.p99} ms, max ${idle.ms.max} -> ${disturbed.ms.max} ms (${disturbed.count} requests); ` +
        toldEventLoop(before, eventLoopTime(cluster.instance(0).pid)),
    );

    expect(strange).toEqual([]);
    const refusals = Object.values(refused).reduce((sum, one) => sum + one, 0);
    expect(judged + refusals).toBe(count);
    expect(Object.keys(refused).filter((code) => !['UNAVAILABLE', 'RATE_LIMITED'].includes(code))).toEqual([]);
    // As many as the queue holds, at the least.
    expect(judged).toBeGreaterThanOrEqual(64);
    expect(refusals).toBeGreaterThan(0);
    expect([...idle.failed, ...disturbed.failed]).toEqual([]);
  }, 120_000);
});
