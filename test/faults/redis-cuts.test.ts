import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { describeRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { useBreakableRedis } from './breakable-redis.ts';
import { useCluster } from './cluster.ts';
import { SteadyFlow, toldFlow } from './flow/steady-flow.ts';
import { compare, flawless, readLog, spread, told } from './oracle.ts';
import { setStage } from './stage.ts';
import { Swarm } from './swarm.ts';
import { Traffic } from './traffic.ts';

const stoppedMs = 10_000;
const cutForMs = 30_000;
const cutEveryMs = 500;

describeRedis(
  'Redis cuts its subscribers off while messages flow',
  () => {
    const redis = useBreakableRedis();
    const cluster = useCluster({ redisUrl: () => redis.url });

    /** Ids of the connections that subscribe, each with the bytes that wait for it. */
    async function subscribers(): Promise<Map<string, number>> {
      const list = String(await redis.command('CLIENT', 'LIST', 'TYPE', 'pubsub'));
      return new Map([...list.matchAll(/^id=(\d+) .* omem=(\d+) /gm)].map(([, id = '', bytes]) => [id, Number(bytes)]));
    }

    test('an instance that stood still falls behind its output buffer, loses nothing, and disturbs nobody', async () => {
      await redis.command('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 1mb 0 0');
      const [first, second, stopped] = [cluster.instance(0), cluster.instance(1), cluster.instance(2)];
      const { eventId, participants } = await setStage(cluster);
      const flow = await SteadyFlow.start(cluster, {
        redisUrl: redis.url,
        urls: [first.url, second.url],
        each: 2,
        characters: 1200,
      });
      const swarms = flow.events.map((event) => new Swarm({ count: 1, urls: [stopped.url], ...event }));
      try {
        await until(() => swarms.every(({ watchers: [one] }) => (one?.received.length ?? 0) > 0), {
          what: 'the subscribers of the third instance to get entries',
        });
        const traffic = new Traffic({ senders: participants, urls: [first.url, second.url], eventId, rate: 20 });
        await Promise.all([traffic.flows(40), flow.lasts(2000)]);
        const before = await subscribers();
        const memory = [stopped.rss()];
        let waiting = 0;
        const dropped = async () => {
          const now = await subscribers();
          waiting = Math.max(waiting, ...now.values());
          return [...before.keys()].filter((id) => !now.has(id));
        };

        await flow.mark('an instance stands still');
        const from = performance.now();
        let droppedMs = 0;
        stopped.pause();
        try {
          const isDropped = async () => {
            await pause(100);
            return (await dropped()).length > 0;
          };
          await until(isDropped, { limitMs: 40_000, what: 'Redis to drop the instance' });
          droppedMs = performance.now() - from;
          await pause(stoppedMs - droppedMs);
        } finally {
          stopped.goOn();
        }
        await flow.mark('it goes on');
        const wentOnAt = performance.now();
        await Promise.all([cluster.everyInstanceIs('ready'), flow.lasts(3000)]);
        const gone = await dropped();
        memory.push(stopped.rss());
        const sent = await traffic.stop();
        const flowed = await flow.judged();
        const logs = await Promise.all(
          flow.events.map(async (event, place) => {
            const log = await readLog(cluster.databaseUrl, event.eventId, swarms[place]?.watchers[0]?.start);
            await swarms[place]?.reaches(log.at(-1)?.sequence ?? 0);
            return log;
          }),
        );
        memory.push(stopped.rss());

        const verdicts = logs.map((log, place) => compare(log, swarms[place]?.received ?? []));
        // Committed while it stood still; arrived after it went on.
        const late = logs.flatMap((log, place) => {
          const committedAt = new Map(
            log.map(({ sequence, occurredAt }) => [sequence, occurredAt - performance.timeOrigin]),
          );
          const arrivals = (swarms[place]?.received[0] ?? []).filter(({ sequence }) => {
            const at = committedAt.get(sequence) ?? 0;
            return at >= from && at < wentOnAt;
          });
          return arrivals.map(({ at }) => at - wentOnAt);
        });
        console.log(
          `output buffer limit: dropped by Redis after ${Math.round(droppedMs)} ms, of ${stoppedMs} (${waiting} bytes seen ` +
            `waiting); its subscribers: ${verdicts.map(told).join(', ')}; ${late.length} missed entries came after it went on: ` +
            `${spread(late)}; memory ${memory.join(', ')} MiB\nwrites elsewhere: ` +
            `${spread(sent.map(({ acknowledgedAt, sentAt }) => acknowledgedAt - sentAt))}\n` +
            toldFlow('subscribers elsewhere', flowed),
        );
        // While it stood still it could not have closed its connection itself.
        expect(before.size).toBe(4);
        expect(gone).toHaveLength(1);
        const wasDown = [first, second, stopped].map(({ output }) => output.includes('the broker is down'));
        expect(wasDown).toEqual([false, false, true]);
        expect(verdicts).toEqual(logs.map((log) => flawless(log.length)));
        expect(late.length).toBeGreaterThan(0);
        for (const { resets, ended } of swarms.flatMap(({ watchers }) => watchers)) {
          expect({ resets, ended }).toEqual({ resets: [], ended: null });
        }
        expect(traffic.refusals).toEqual([]);
        expect(flowed).toMatchObject({
          verdict: flawless(flowed.verdict.expected),
          unknown: 0,
          failures: 0,
          reconnections: 0,
          resets: 0,
          ends: [],
        });
      } finally {
        await Promise.all([...swarms.map((swarm) => swarm.close()), flow.ends()]);
      }
    }, 120_000);

    test('nothing is lost when every subscribing connection is cut again and again', async () => {
      const { eventId, cursor, participants } = await setStage(cluster);
      const { urls } = cluster;
      const flow = await SteadyFlow.start(cluster, { redisUrl: redis.url });
      const swarm = new Swarm({ count: 9, urls, eventId, after: cursor });
      try {
        const traffic = new Traffic({ senders: participants, urls, eventId, rate: 20 });
        await Promise.all([traffic.flows(40), flow.lasts(2000)]);
        await flow.mark('cut');
        let cuts = 0;
        for (const end = performance.now() + cutForMs; performance.now() < end; await pause(cutEveryMs)) {
          cuts += Number(await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub'));
        }
        await flow.mark('coming back');
        await cluster.everyInstanceIs('ready');
        await flow.mark('not cut any more');
        await Promise.all([traffic.flows(40), flow.lasts(2000)]);
        const sent = await traffic.stop();
        await swarm.reaches(Math.max(...sent.map(({ sequence }) => sequence)));
        const flowed = await flow.judged();

        const log = (await readLog(cluster.databaseUrl, eventId)).filter(({ kind }) => kind === 'MessageSent');
        const verdict = compare(log, swarm.received);
        console.log(
          `subscribers cut: ${cuts} connections; ${told(verdict)}; acknowledged ` +
            `${spread(sent.map(({ acknowledgedAt, sentAt }) => acknowledgedAt - sentAt))}\n${toldFlow('beside it', flowed)}`,
        );
        // Each of the three instances was cut off more than once.
        expect(cuts).toBeGreaterThan(10);
        expect(verdict).toEqual(flawless(log.length * 9));
        expect(log).toHaveLength(sent.length);
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
    }, 120_000);
  },
  { ownServer: true },
);
