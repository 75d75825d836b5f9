import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { RateLimitedError } from '../../src/errors.ts';
import { freePort } from '../../src/free-port.ts';
import { findRedisServer } from '../../src/realtime/private-redis.ts';
import { createRedisBroker } from '../../src/realtime/redis-broker.ts';
import { createRateLimits, rateLimits } from '../../src/server/rate-limits.ts';
import { describeRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { recordingLog } from './recording-log.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Node {
  url: string;
  client: Redis;
  bus: number;
  kill(): Promise<unknown>;
}

async function startNode(): Promise<Node> {
  const [port, bus, directory] = [
    await freePort(),
    await freePort(),
    await mkdtemp(join(tmpdir(), 'ovation-cluster-')),
  ];
  const flags = ['--port', `${port}`, '--cluster-enabled', 'yes', '--cluster-port', `${bus}`, '--dir', directory];
  const child = spawn(findRedisServer() ?? '', [...flags, '--bind', '127.0.0.1', '--save', ''], { stdio: 'ignore' });
  const gone = once(child, 'exit');
  const kill = () => {
    child.kill('SIGKILL');
    return gone;
  };
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50 });
  client.on('error', () => {});
  ends.push(
    () => rm(directory, { recursive: true }),
    kill,
    async () => client.disconnect(),
  );
  await until(() => client.status === 'ready', { what: `node ${port}` });
  return { url: `redis://127.0.0.1:${port}`, client, bus, kill };
}

/** Three primaries that share the slots. */
async function startCluster(): Promise<[Node, Node, Node]> {
  const nodes: [Node, Node, Node] = [await startNode(), await startNode(), await startNode()];
  for (const [n, { client, url }] of nodes.entries()) {
    const first = Math.ceil((16_384 / 3) * n);
    const last = Math.ceil((16_384 / 3) * (n + 1)) - 1;
    await client.cluster('ADDSLOTSRANGE', first, Math.min(last, 16_383));
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(n + 1));
    await nodes[0].client.call('CLUSTER', 'MEET', '127.0.0.1', new URL(url).port, String(nodes[n]?.bus));
  }
  const joined = async ({ client }: Node) => String(await client.cluster('INFO')).includes('cluster_state:ok');
  const complete = async () => (await Promise.all(nodes.map(joined))).every(Boolean);
  await until(complete, { what: 'the cluster' });
  return nodes;
}

async function open(urls: string[]) {
  const broker = await createRedisBroker({ urls, log: recordingLog().log });
  ends.push(() => broker.close());
  const heard = new Set<string>();
  for (let n = 0; n < 20; n += 1) await broker.subscribe(`c${n}`, (message) => heard.add(message));
  return { broker, heard };
}

describeRedis(
  'Redis Cluster',
  () => {
    test('messages pass between instances at different nodes, and a node may die', async () => {
      const [a, b, c] = await startCluster();
      const here = await open([a.url, b.url]);
      const there = await open([c.url]);
      expect([here.broker.state, there.broker.state]).toEqual(['up', 'up']);
      // Twenty channels: their slots lie on all three nodes.
      const roundTrip = (round: string) =>
        until(
          () => {
            for (let n = 0; n < 20; n += 1) here.broker.publish(`c${n}`, `${round} ${n}`);
            return [...there.heard].filter((message) => message.startsWith(round)).length === 20;
          },
          { what: `all channels, ${round}` },
        );
      await roundTrip('whole');
      await a.kill();
      await until(() => here.broker.state === 'up', { what: 'the other node' });
      await roundTrip('one node dead');
    });

    test('rate limits are counted together by instances at different nodes, many keys at once', async () => {
      const [a, b, c] = await startCluster();
      const here = await createRateLimits([a.url, b.url], { log: recordingLog().log });
      const there = await createRateLimits([c.url, a.url], { log: recordingLog().log });
      ends.push(here.close, there.close);
      // Their slots lie on all three nodes.
      const keys = Array.from({ length: 20 }, (_, n) => `user:${n}`);
      const half = rateLimits.logIn.points / 2;
      for (const limits of [here, there])
        await Promise.all(keys.flatMap((key) => Array.from({ length: half }, () => limits.consume('logIn', [key]))));
      for (const limits of [here, there]) {
        const refused = await Promise.allSettled(keys.map((key) => limits.consume('logIn', [key])));
        expect(refused.map((one) => one.status === 'rejected' && one.reason)).toEqual(
          keys.map(() => expect.any(RateLimitedError)),
        );
      }
    });
  },
  { ownServer: true },
);
