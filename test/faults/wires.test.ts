import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProxy, type TcpProxy } from '../proxy.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { useCluster } from './cluster.ts';
import { SteadyFlow, toldFlow } from './flow/steady-flow.ts';
import { compare, flawless, readLog, told } from './oracle.ts';
import { setStage } from './stage.ts';
import { Swarm } from './swarm.ts';
import { Traffic } from './traffic.ts';

const watching = 9;
/** In both directions: 100 to 300 ms there and back. */
const delayMs = [50, 150] as const;

describeRedis('a wire slices what it carries, delays it, and breaks every second', () => {
  const redis = useRedis();
  const proxies: Record<'clients' | 'redis' | 'postgres', TcpProxy[]> = { clients: [], redis: [], postgres: [] };
  afterAll(() => Promise.all(Object.values(proxies).flatMap((wires) => wires.map((wire) => wire.close()))));
  const cluster = useCluster({ instances: 0 });
  beforeAll(async () => {
    const [postgres, broker] = await Promise.all([startProxy(cluster.databaseUrl), startProxy(redis.url)]);
    const env = { DATABASE_URL: postgres.url, REDIS_URL: broker.url };
    for (let place = 0; place < 3; place++) await cluster.start(env);
    proxies.postgres = [postgres];
    proxies.redis = [broker];
    proxies.clients = await Promise.all(cluster.urls.map(startProxy));
  }, 120_000);

  test.each([
    { between: 'clients and server', wires: 'clients', socketsStay: false },
    { between: 'server and Redis', wires: 'redis', socketsStay: true },
    { between: 'server and PostgreSQL', wires: 'postgres', socketsStay: true },
  ] as const)(
    'between $between: nothing is lost or repeated, and what was in flight takes effect once',
    async ({ between, wires, socketsStay }) => {
      const { eventId, cursor, participants } = await setStage(cluster, { participants: 6 });
      const urls = proxies.clients.map(({ url }) => url);
      // Its writer and watchers have straight wires; what lies between them has not.
      const flow = await SteadyFlow.start(cluster, { redisUrl: redis.url });
      const swarm = new Swarm({ count: watching, urls, eventId, after: cursor });
      const broken: number[] = [];
      try {
        const traffic = new Traffic({ senders: participants, urls, eventId, rate: 30 });
        await traffic.flows(15);
        await swarm.reaches(traffic.sent[0]?.sequence ?? 0);
        const wireThat = (manner: Parameters<TcpProxy['behave']>[0]) => {
          for (const wire of proxies[wires]) wire.behave(manner);
        };

        await flow.mark('sliced');
        wireThat({ slices: true });
        await Promise.all([flow.lasts(3000), traffic.flows(30)]);
        await flow.mark('delayed');
        wireThat({ delayMs });
        await Promise.all([flow.lasts(3000), traffic.flows(10)]);
        await flow.mark('cut, sliced and delayed');
        wireThat({ slices: true, delayMs: [0, 20] });
        for (let cut = 0; cut < 4; cut++) {
          broken.push(proxies[wires].reduce((count, wire) => count + wire.breakAll(), 0));
          await flow.lasts(1000);
        }
        await flow.mark('straight again');
        wireThat({});
        const straight = performance.now();
        const before = traffic.sent.length;
        await traffic.flows(1);
        const backMs = performance.now() - straight;
        await Promise.all([flow.lasts(1000), traffic.flows(15)]);

        const sent = await traffic.stop();
        const flowed = await flow.judged();
        await swarm.reaches(Math.max(...sent.map(({ sequence }) => sequence)));
        const log = (await readLog(cluster.databaseUrl, eventId)).filter(({ kind }) => kind === 'MessageSent');
        const verdict = compare(log, swarm.received);
        console.log(
          `wire between ${between}: ${told(verdict)}; ${sent.length} messages, ` +
            `${sent.filter(({ attempts }) => attempts > 1).length} of them retried (${traffic.refusals.length} refusals), ` +
            `${before} before it was straight again and the next ${Math.round(backMs)} ms after; ` +
            `connections broken ${broken.join(' + ')}\n${toldFlow('beside it', flowed)}`,
        );
        expect(verdict).toEqual(flawless(log.length * watching));
        expect(log.map(({ sequence, text }) => `${sequence} ${text}`)).toEqual(
          [...sent].sort((a, b) => a.sequence - b.sequence).map(({ sequence, text }) => `${sequence} ${text}`),
        );
        expect(['NETWORK', 'UNAVAILABLE']).toEqual(
          expect.arrayContaining([...new Set(traffic.refusals.map(({ code }) => code))]),
        );
        for (const { connections, resets, ended } of swarm.watchers) {
          expect({ stayed: connections === 1, resets, ended }).toEqual({
            stayed: socketsStay,
            resets: [],
            ended: null,
          });
        }
        expect(flowed).toMatchObject({
          verdict: flawless(flowed.verdict.expected),
          unknown: 0,
          resets: 0,
          reconnections: 0,
          ends: [],
        });
        expect(broken.every((count) => count > 0)).toBe(true);
      } finally {
        for (const wire of proxies[wires]) wire.behave({});
        await Promise.all([swarm.close(), flow.ends()]);
      }
    },
    120_000,
  );
});
