import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../src/free-port.ts';
import type { Broker } from '../../src/realtime/broker.ts';
import { startPrivateRedis } from '../../src/realtime/private-redis.ts';
import { createRedisBroker } from '../../src/realtime/redis-broker.ts';
import { describeRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { recordingLog } from './recording-log.ts';

/** How soon a broker must be on the fast path again after Redis has come back. */
const RECOVERY_MS = 5_000;

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A server for one test, to be paused and killed; on a free port unless told. */
async function start(options: { port?: number } = {}) {
  const { url, pid, stop } = await startPrivateRedis(options);
  ends.push(stop);
  return {
    url,
    port: Number(new URL(url).port),
    signal: (signal: 'SIGSTOP' | 'SIGCONT') => process.kill(pid, signal),
    async kill() {
      process.kill(pid, 'SIGKILL');
      await stop();
    },
  };
}

/** A broker that writes down what it tells: its changes, its log, and the messages of channel 'a'. */
async function open(url: string) {
  const { log, lines } = recordingLog();
  const broker = await createRedisBroker({ urls: [url], log });
  ends.push(() => broker.close());
  const changes: string[] = [];
  broker.onChange((change) => changes.push(change));
  const heard: string[] = [];
  await broker.subscribe('a', (message) => heard.push(message));
  return { broker, changes, heard, lines };
}

async function admin(url: string): Promise<Redis> {
  const client = new Redis(url);
  ends.push(async () => client.disconnect());
  return client;
}

/** Publishes until the message is heard: the first ones may still be lost. */
function heardAgain(broker: Broker, heard: string[], message: string) {
  const published = () => {
    broker.publish('a', message);
    return heard.includes(message);
  };
  return until(published, { what: `"${message}" to be heard`, limitMs: RECOVERY_MS });
}

describeRedis(
  'Redis faults',
  () => {
    test('a Redis that hangs never holds up a publisher; it is noticed, and recovery is a gap, then up', async () => {
      const redis = await start();
      const { broker, changes, heard, lines } = await open(redis.url);
      const stopped = performance.now();
      let slowest = 0;
      let noticed = 0;
      redis.signal('SIGSTOP');
      await until(
        () => {
          const before = performance.now();
          broker.publish('a', 'x'.repeat(100_000));
          slowest = Math.max(slowest, performance.now() - before);
          if (broker.state === 'down') noticed ||= performance.now() - stopped;
          return performance.now() - stopped > 4_000;
        },
        { what: 'the end of the fault' },
      );
      expect(noticed).toBeGreaterThan(0);
      expect(noticed).toBeLessThan(3_500);
      expect(slowest).toBeLessThan(100);
      expect(changes).toEqual(['down']);

      redis.signal('SIGCONT');
      await until(() => broker.state === 'up', { what: 'the recovery', limitMs: RECOVERY_MS });
      expect(changes).toEqual(['down', 'gap', 'up']);
      await heardAgain(broker, heard, 'recovered');
      expect(lines.filter((line) => line.includes('do not come back'))).toHaveLength(1);
    });

    test('a Redis that hangs for long is found again as soon as it goes on', async () => {
      const redis = await start();
      const { broker, heard } = await open(redis.url);
      redis.signal('SIGSTOP');
      const stopped = performance.now();
      await until(() => performance.now() - stopped > 9_000, { what: 'the end of the fault' });
      redis.signal('SIGCONT');
      await until(() => broker.state === 'up', { what: 'the recovery', limitMs: RECOVERY_MS });
      await heardAgain(broker, heard, 'recovered');
    });

    test('a Redis that is killed and comes back empty on the same port carries messages again', async () => {
      const redis = await start();
      const here = await open(redis.url);
      const there = await open(redis.url);
      await redis.kill();
      await until(() => here.broker.state === 'down' && there.broker.state === 'down', { what: 'both to notice' });
      expect(() => here.broker.publish('a', 'into the void')).not.toThrow();

      await start({ port: redis.port });
      const bothUp = () => here.broker.state === 'up' && there.broker.state === 'up';
      await until(bothUp, { what: 'both to recover', limitMs: RECOVERY_MS });
      here.broker.publish('a', 'recovered');
      await until(() => there.heard.includes('recovered'), { what: 'the message' });
      expect(there.heard).toEqual(['recovered']);
      expect(there.changes).toEqual(['down', 'gap', 'up']);
    });

    test('what is subscribed and unsubscribed while Redis is away holds when it is back', async () => {
      const redis = await start();
      const { broker, heard } = await open(redis.url);
      const endB = await broker.subscribe('b', (message) => heard.push(`b ${message}`));
      await redis.kill();
      await until(() => broker.state === 'down', { what: 'the fault to be noticed' });
      const before = performance.now();
      await broker.subscribe('c', (message) => heard.push(`c ${message}`));
      await endB();
      expect(performance.now() - before).toBeLessThan(1_500);

      await start({ port: redis.port });
      await until(() => broker.state === 'up', { what: 'the recovery', limitMs: RECOVERY_MS });
      for (const channel of ['b', 'c', 'a']) broker.publish(channel, 'x');
      await until(() => heard.includes('x'), { what: 'the messages' });
      expect(heard).toEqual(['c x', 'x']);
    });

    test('subscribing waits for Redis, but not for long; when it answers later, that is a gap', async () => {
      const redis = await start();
      const { broker, changes, heard } = await open(redis.url);
      redis.signal('SIGSTOP');
      const before = performance.now();
      await broker.subscribe('b', (message) => heard.push(message));
      const waited = performance.now() - before;
      redis.signal('SIGCONT');
      expect(waited).toBeGreaterThan(450);
      expect(waited).toBeLessThan(1_500);
      await until(() => changes.length > 0, { what: 'the gap' });
      expect(changes).toEqual(['gap']);
      broker.publish('b', 'x');
      await until(() => heard.includes('x'), { what: 'the message' });
    });

    test('a subscriber whose connection Redis closes tells of the gap and hears again', async () => {
      const redis = await start();
      const { broker, changes, heard } = await open(redis.url);
      await (await admin(redis.url)).call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await until(() => changes.includes('up'), { what: 'the recovery', limitMs: RECOVERY_MS });
      expect(changes).toEqual(['down', 'gap', 'up']);
      await heardAgain(broker, heard, 'recovered');
    });

    test('a subscriber that Redis drops because it is too slow for a burst tells of the gap', async () => {
      const redis = await start();
      const { broker, changes, heard } = await open(redis.url);
      const client = await admin(redis.url);
      await client.config('SET', 'client-output-buffer-limit', 'pubsub 64kb 64kb 1');
      await client.eval(`for i = 1, 200 do redis.call('PUBLISH', 'ovation:a', string.rep('x', 100000)) end`, 0);
      await until(() => changes.includes('up'), { what: 'the recovery', limitMs: RECOVERY_MS });
      expect(changes).toEqual(['down', 'gap', 'up']);
      await heardAgain(broker, heard, 'recovered');
    });

    test('9,000 subscriptions are made again, all of them before the broker is up', async () => {
      const redis = await start();
      const { broker, changes } = await open(redis.url);
      let heard = 0;
      const listener = () => {
        heard += 1;
      };
      await Promise.all(Array.from({ length: 9_000 }, (_, n) => broker.subscribe(`c${n}`, listener)));
      await (await admin(redis.url)).call('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await until(() => changes.includes('up'), { what: 'the recovery', limitMs: RECOVERY_MS });
      for (let n = 0; n < 9_000; n += 1) broker.publish(`c${n}`, 'x');
      await until(() => heard === 9_000, { what: 'every channel' });
    });

    test('an instance starts without its Redis, says so once, and finds it when it comes', async () => {
      const port = await freePort();
      const { broker, changes, heard, lines } = await open(`redis://127.0.0.1:${port}`);
      expect(broker.state).toBe('down');
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain(`Redis at 127.0.0.1:${port} cannot be reached (ECONNREFUSED)`);

      await start({ port });
      await until(() => broker.state === 'up', { what: 'the first connection', limitMs: RECOVERY_MS });
      expect(changes).toEqual(['gap', 'up']);
      await heardAgain(broker, heard, 'found');
      expect(lines).toHaveLength(2);
    });

    test('a wrong password, and a server that is no Redis, are told as such and without the password', async () => {
      const redis = await start();
      await (await admin(redis.url)).config('SET', 'requirepass', 'right');
      const web = createServer((_request, response) => response.end()).listen(await freePort(), '127.0.0.1');
      ends.push(async () => web.close());
      const webPort = await until(() => portOf(web), { what: 'the web server' });

      const server = `127.0.0.1:${redis.port}`;
      const urls = [
        `redis://:wr0ng@${server}`,
        `redis://${server}`,
        `redis://127.0.0.1:${webPort}`,
        `redis://:right@${server}`,
      ];
      const [wrong, none, foreign, right] = await Promise.all(urls.map(open));
      expect(wrong?.broker.state).toBe('down');
      expect(wrong?.lines).toHaveLength(1);
      expect(wrong?.lines[0]).toContain(`Redis at ${server} refuses the user or password`);
      expect(wrong?.lines[0]).not.toContain('wr0ng');
      expect(none?.lines[0]).toContain('refuses the user or password');
      expect(foreign?.lines[0]).toContain('is not a Redis server');
      expect(right?.broker.state).toBe('up');
    });

    test.each(['present', 'away', 'hanging'])('closing leaves no socket and no timer: Redis %s', async (redisIs) => {
      const redis = await start();
      if (redisIs === 'hanging') redis.signal('SIGSTOP');
      if (redisIs === 'away') await redis.kill();
      const { code, output } = await openAndClose(redis.url);
      expect(code).toBe(0);
      const { closed, ended } = /closed (?<closed>[\d.]+)\nended (?<ended>[\d.]+)/.exec(output)?.groups ?? {};
      expect(Number(ended) - Number(closed)).toBeLessThan(100);
      if (redisIs !== 'present') return;
      const list = String(await (await admin(redis.url)).client('LIST'));
      expect(list.trim().split('\n')).toHaveLength(1);
    });
  },
  { ownServer: true },
);

function portOf(server: Server): number | null {
  const address = server.address();
  return address && typeof address === 'object' ? address.port : null;
}

function openAndClose(url: string): Promise<{ code: number | null; output: string }> {
  const script = fileURLToPath(new URL('./open-and-close.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, url], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data) => {
    output += String(data);
  });
  ends.push(async () => child.kill('SIGKILL'));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}
