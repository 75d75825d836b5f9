import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { freePort } from '../../src/free-port.ts';
import { createRedisBroker } from '../../src/realtime/redis-broker.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { recordingLog } from './recording-log.ts';

vi.setConfig({ testTimeout: 20_000 });

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A network in front of Redis that can forget its connections: they stay open, nothing passes; new ones work. */
async function forgetfulNetwork(url: string) {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) sockets.add(socket.on('error', () => {}));
    near.pipe(far).pipe(near);
  });
  const port = await freePort();
  await once(server.listen(port, '127.0.0.1'), 'listening');
  ends.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    forget() {
      for (const socket of sockets) socket.unpipe().pause();
    },
  };
}

describeRedis('Redis behind a network that forgets connections', () => {
  const redis = useRedis();

  test('connections that stay open but carry nothing are noticed and replaced', async () => {
    const network = await forgetfulNetwork(redis.url);
    const broker = await createRedisBroker({ urls: [network.url], prefix: 'ovation-test:', log: recordingLog().log });
    ends.push(() => broker.close());
    const changes: string[] = [];
    broker.onChange((change) => changes.push(change));
    const heard: string[] = [];
    await broker.subscribe('a', (message) => heard.push(message));
    expect(broker.state).toBe('up');

    network.forget();
    await until(() => broker.state === 'down', { what: 'the silence to be noticed', limitMs: 3_500 });
    await until(() => broker.state === 'up', { what: 'new connections', limitMs: 2_000 });
    expect(changes).toEqual(['down', 'gap', 'up']);
    broker.publish('a', 'x');
    await until(() => heard.length > 0, { what: 'the message' });
  });
});
