import { afterEach, expect, test } from 'vitest';
import { createRedisBroker } from '../../src/realtime/redis-broker.ts';
import { startProxy } from '../proxy.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { recordingLog } from './recording-log.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describeRedis('Redis behind a network that forgets connections', () => {
  const redis = useRedis();

  test('connections that stay open but carry nothing are noticed and replaced', async () => {
    const network = await startProxy(redis.url);
    ends.push(() => network.close());
    const broker = await createRedisBroker({ urls: [network.url], prefix: 'ovation-test:', log: recordingLog().log });
    ends.push(() => broker.close());
    const changes: string[] = [];
    broker.onChange((change) => changes.push(change));
    const heard: string[] = [];
    await broker.subscribe('a', (message) => heard.push(message));
    expect(broker.state).toBe('up');

    network.forget();
    await until(() => broker.state === 'down', { what: 'the silence to be noticed' });
    await until(() => broker.state === 'up', { what: 'new connections' });
    expect(changes).toEqual(['down', 'gap', 'up']);
    broker.publish('a', 'x');
    await until(() => heard.length > 0, { what: 'the message' });
  });
});
