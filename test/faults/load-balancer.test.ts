import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeHaproxy, type LoadBalancer, startHaproxy } from '../haproxy.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { useCluster } from './cluster.ts';
import { SteadyFlow, toldFlow } from './flow/steady-flow.ts';
import type { Ending } from './instance.ts';
import { compare, flawless, readLog, spread, told } from './oracle.ts';
import { setStage } from './stage.ts';
import { Swarm } from './swarm.ts';
import { Traffic } from './traffic.ts';

const watching = 60;

describeHaproxy('behind HAProxy', () => {
  describeRedis('all three instances are replaced, one after the other, under load', () => {
    const redis = useRedis();
    const cluster = useCluster({ redisUrl: () => redis.url, env: { TRUST_PROXY: 'true' } });
    let balancer: LoadBalancer;
    beforeAll(async () => {
      balancer = await startHaproxy(cluster.urls);
    });
    afterAll(() => balancer.stop());

    test('no operation fails twice, nothing is lost, and sockets are sent on with 1012', async () => {
      const { eventId, cursor, participants } = await setStage(cluster, { participants: 12 });
      const leaving = [...cluster.instances];
      const urls = [balancer.url];
      const flow = await SteadyFlow.start(cluster, { redisUrl: redis.url, urls });
      const swarm = new Swarm({ count: watching, urls, eventId, after: cursor });
      const reader = readAlong(balancer.url, eventId);
      const endings: Ending[] = [];
      try {
        const traffic = new Traffic({ senders: participants, urls, eventId, rate: 150 });
        await Promise.all([traffic.flows(100), flow.lasts(2000)]);
        await swarm.reaches(traffic.sent[0]?.sequence ?? 0);
        await flow.mark('restarting');
        const startedAt = performance.now();
        for (const instance of leaving) {
          endings.push(await instance.endBy('SIGTERM'));
          const successor = await cluster.start({ PORT: new URL(instance.url).port });
          // As an operator does: the next one not before the balancer uses this one, which it asks every second.
          await until(async () => (await successor.ready()).status === 'ready', { what: 'the successor to be ready' });
          const before = requestsOf(balancer.log, successor.url, cluster.urls);
          const used = () => requestsOf(balancer.log, successor.url, cluster.urls) > before;
          await until(used, { what: 'the balancer to use the successor' });
          await Promise.all([traffic.flows(50), flow.lasts(1000)]);
        }
        const tookMs = performance.now() - startedAt;
        await flow.mark('restarted');
        await Promise.all([traffic.flows(100), flow.lasts(2000)]);
        const sent = await traffic.stop();
        const read = await reader.stop();
        const flowed = await flow.judged();
        await swarm.reaches(Math.max(...sent.map(({ sequence }) => sequence)));

        const log = (await readLog(cluster.databaseUrl, eventId)).filter(({ kind }) => kind === 'MessageSent');
        const verdict = compare(log, swarm.received);
        console.log(
          `rolling restart behind HAProxy: ${told(verdict)}; ${Math.round(tookMs)} ms in all, drained in ` +
            `${endings.map(({ afterMs }) => Math.round(afterMs)).join(', ')} ms; ${sent.length} messages, ` +
            `${sent.filter(({ attempts }) => attempts > 1).length} of them retried, acknowledged ` +
            `${spread(sent.map(({ sentAt, acknowledgedAt }) => acknowledgedAt - sentAt))}; ${read.answered} queries, ` +
            `${read.retried} of them retried\n${toldFlow('beside it', flowed)}`,
        );
        expect(endings.map(({ code, signal }) => ({ code, signal }))).toEqual(
          Array.from({ length: 3 }, () => ({ code: 0, signal: null })),
        );
        expect(sent.filter(({ attempts }) => attempts > 2)).toEqual([]);
        expect(read.failed).toEqual([]);
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
        await reader.stop();
        await Promise.all([swarm.close(), flow.ends()]);
      }
    }, 180_000);
  });
});

/** Requests and upgrades that the balancer led to the instance at this URL, by its log. */
function requestsOf(log: string, url: string, urls: readonly string[]): number {
  return log.split(` ovation/ovation-${urls.indexOf(url) + 1} `).length - 1;
}

/** Somebody who asks one query after the other, each of them twice at most. */
function readAlong(url: string, eventId: string) {
  const read = { answered: 0, retried: 0, failed: [] as string[] };
  let stopped = false;
  const body = JSON.stringify({
    query: 'query($id: ID!) { videoEvent(id: $id) { title feedCursor } }',
    variables: { id: eventId },
  });

  /** Null: answered. */
  async function attempt(): Promise<string | null> {
    try {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body });
      const text = await response.text();
      return response.ok && JSON.parse(text).errors === undefined ? null : `${response.status} ${text.slice(0, 200)}`;
    } catch (error) {
      return String(error instanceof Error ? (error.cause ?? error) : error);
    }
  }

  async function run(): Promise<void> {
    while (!stopped) {
      if ((await attempt()) === null) read.answered++;
      else {
        read.retried++;
        const again = await attempt();
        if (again === null) read.answered++;
        else read.failed.push(again);
      }
    }
  }

  const done = Promise.all([run(), run()]);
  return {
    async stop() {
      stopped = true;
      await done;
      return read;
    },
  };
}
