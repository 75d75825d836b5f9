import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import type { Broker } from '../../src/realtime/broker.ts';
import { createMemoryBroker } from '../../src/realtime/memory-broker.ts';
import { createRedisBroker } from '../../src/realtime/redis-broker.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { recordingLog } from './recording-log.ts';

interface Medium {
  here: Broker;
  /** Another instance on the same medium; the memory broker has only one. */
  there: Broker;
  lines: string[];
}

const opened: Broker[] = [];
afterEach(() => Promise.all(opened.splice(0).map((broker) => broker.close())));

async function memory(): Promise<Medium> {
  const { log, lines } = recordingLog();
  const broker = createMemoryBroker({ log });
  opened.push(broker);
  return { here: broker, there: broker, lines };
}

describe('memory broker', () => brokerContract(memory));

describeRedis('Redis broker', () => {
  const redis = useRedis();

  async function overRedis(): Promise<Medium & { prefix: string }> {
    const { log, lines } = recordingLog();
    const options = { urls: [redis.url], prefix: `ovation-test:${randomUUID()}:`, log };
    const [here, there] = await Promise.all([createRedisBroker(options), createRedisBroker(options)]);
    opened.push(here, there);
    return { here, there, lines, prefix: options.prefix };
  }

  brokerContract(overRedis);

  test('all listeners of a channel share one subscription, which goes with the last of them', async () => {
    const { here, prefix } = await overRedis();
    const admin = new Redis(redis.url);
    const subscriptions = async () => (await admin.pubsub('NUMSUB', `${prefix}a`))[1];
    const endFirst = await here.subscribe('a', () => {});
    const endSecond = await here.subscribe('a', () => {});
    expect(await subscriptions()).toBe(1);
    await endFirst();
    expect(await subscriptions()).toBe(1);
    await endSecond();
    expect(await subscriptions()).toBe(0);
    admin.disconnect();
  });

  test('brokers with different prefixes do not hear each other', async () => {
    const [first, second] = [await overRedis(), await overRedis()];
    const heard: string[] = [];
    await first.here.subscribe('a', (message) => heard.push(message));
    second.here.publish('a', 'foreign');
    first.there.publish('a', 'own');
    await until(() => heard.length > 0, { what: 'the own message' });
    expect(heard).toEqual(['own']);
  });
});

/** What every broker does, whatever it is made of. */
function brokerContract(open: () => Promise<Medium>): void {
  test('a message reaches the listeners of its channel on both instances, and no others', async () => {
    const { here, there } = await open();
    const heard: string[] = [];
    await here.subscribe('a', (message) => heard.push(`here ${message}`));
    await there.subscribe('a', (message) => heard.push(`there ${message}`));
    await there.subscribe('b', (message) => heard.push(`b ${message}`));
    here.publish('a', '{"n":1}');
    await until(() => heard.length >= 2, { what: 'both listeners' });
    there.publish('b', 'end');
    await until(() => heard.length >= 3, { what: 'the other channel' });
    expect(heard.toSorted()).toEqual(['b end', 'here {"n":1}', 'there {"n":1}']);
  });

  test('it is up once it is made', async () => {
    expect((await open()).here.state).toBe('up');
  });

  test('a listener never runs inside publish', async () => {
    const { here } = await open();
    let heard = false;
    await here.subscribe('a', () => {
      heard = true;
    });
    here.publish('a', 'x');
    expect(heard).toBe(false);
    await until(() => heard, { what: 'the message' });
  });

  test('messages of a channel arrive in the order in which they were published', async () => {
    const { here, there } = await open();
    const heard: number[] = [];
    await there.subscribe('a', (message) => heard.push(Number(message)));
    const sent = Array.from({ length: 2_000 }, (_, n) => n);
    for (const n of sent) here.publish('a', String(n));
    await until(() => heard.length >= sent.length, { what: '2,000 messages' });
    expect(heard).toEqual(sent);
  });

  test('a message of 1 MB, and one with any character, arrive whole', async () => {
    const { here, there } = await open();
    const heard: string[] = [];
    await there.subscribe('a', (message) => heard.push(message));
    const sent = [JSON.stringify('é'.repeat(500_000)), JSON.stringify('\u0000\r\n$5 🎉 \u2028'), ''];
    for (const message of sent) here.publish('a', message);
    await until(() => heard.length >= sent.length, { what: 'all messages' });
    expect(heard).toEqual(sent);
  });

  test('the same function may listen twice, and each subscription ends for itself', async () => {
    const { here, there } = await open();
    const heard: string[] = [];
    const listener = (message: string) => heard.push(message);
    const end = await there.subscribe('a', listener);
    await there.subscribe('a', listener);
    here.publish('a', '1');
    await until(() => heard.length >= 2, { what: 'both' });
    await end();
    await end();
    expect(there.channels).toBe(1);
    here.publish('a', '2');
    here.publish('a', '3');
    await until(() => heard.includes('3'), { what: 'the last message' });
    expect(heard).toEqual(['1', '1', '2', '3']);
  });

  test('a listener is not called any more from the moment it ends, even by another one in the same delivery', async () => {
    const { here, there } = await open();
    const heard: string[] = [];
    let endSecond = async () => {};
    await there.subscribe('a', (message) => {
      heard.push(`first ${message}`);
      void endSecond();
    });
    endSecond = await there.subscribe('a', (message) => heard.push(`second ${message}`));
    here.publish('a', '1');
    here.publish('a', '2');
    await until(() => heard.includes('first 2'), { what: 'the second message' });
    expect(heard).toEqual(['first 1', 'first 2']);
  });

  test('a listener that throws is logged and hurts no other', async () => {
    const { here, there, lines } = await open();
    const heard: string[] = [];
    await there.subscribe('a', () => {
      throw new Error('broken listener');
    });
    await there.subscribe('a', (message) => heard.push(message));
    here.publish('a', '1');
    here.publish('a', '2');
    await until(() => heard.length >= 2, { what: 'the healthy listener' });
    expect(heard).toEqual(['1', '2']);
    expect(lines.filter((line) => line.includes('broken listener'))).toHaveLength(2);
    expect(there.state).toBe('up');
  });

  test('a channel that is left and joined again, over and over and at once, ends up as the last call says', async () => {
    const { here, there } = await open();
    const heard = new Set<string>();
    const rounds = Array.from({ length: 50 }, async (_, n) => {
      const channel = `c${n % 5}`;
      const end = await there.subscribe(channel, () => {});
      const ended = end();
      const stays = await there.subscribe(channel, () => heard.add(channel));
      await ended;
      if (n % 2) await stays();
    });
    await Promise.all(rounds);
    expect(there.channels).toBe(5);
    for (let n = 0; n < 5; n += 1) here.publish(`c${n}`, 'x');
    await until(() => heard.size === 5, { what: 'all five channels' });
  });

  test('a channel left and joined in one breath loses nothing that is published after', async () => {
    const { here, there } = await open();
    const heard: string[] = [];
    let end = await there.subscribe('a', () => {});
    for (let n = 0; n < 100; n += 1) {
      const before = end();
      end = await there.subscribe('a', (message) => heard.push(message));
      here.publish('a', String(n));
      await until(() => heard.includes(String(n)), { what: `message ${n}` });
      await before;
    }
    expect(there.channels).toBe(1);
    await end();
    expect(there.channels).toBe(0);
  });

  test('after 1,000 subscriptions came and went, no channel is left', async () => {
    const { here } = await open();
    const ends = await Promise.all(Array.from({ length: 1_000 }, (_, n) => here.subscribe(`c${n}`, () => {})));
    expect(here.channels).toBe(1_000);
    await Promise.all(ends.map((end) => end()));
    expect(here.channels).toBe(0);
  });

  test('a flood is dropped beyond the bound, not queued, and the broker works on', async () => {
    const { here, there } = await open();
    let heard = 0;
    await there.subscribe('flood', () => {
      heard += 1;
    });
    for (let n = 0; n < 50_000; n += 1) here.publish('flood', 'x');
    await until(() => heard > 0, { what: 'the flood' });
    let last = false;
    await there.subscribe('after', () => {
      last = true;
    });
    await until(
      () => {
        here.publish('after', 'x');
        return last;
      },
      { what: 'a message after the flood' },
    );
    expect(heard).toBeLessThanOrEqual(10_000);
  });

  test('after closing, publishing does nothing, subscribing is refused, and closing again is fine', async () => {
    const { here, there } = await open();
    const heard: string[] = [];
    const end = await here.subscribe('a', (message) => heard.push(message));
    await Promise.all([here.close(), here.close()]);
    there.publish('a', '1');
    here.publish('a', '2');
    await end();
    await expect(here.subscribe('a', () => {})).rejects.toThrow('closed');
    expect(here.channels).toBe(0);
    expect(heard).toEqual([]);
  });
}
