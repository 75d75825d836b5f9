import { randomUUID } from 'node:crypto';
import type { Broker, BrokerLog } from './broker.ts';
import { createChannelListeners } from './channel-listeners.ts';
import { createHeartbeat, type Heartbeat } from './heartbeat.ts';
import { createInFlight } from './in-flight.ts';
import { createRedisLink } from './redis-link.ts';
import { createRedisSubscriptions } from './redis-subscriptions.ts';

/** How long the start waits for Redis before it goes on without. */
const START_LIMIT_MS = 3_000;

/** Before the names of all channels in Redis. */
export const channelPrefix = 'ovation:';

export interface RedisBrokerOptions {
  /** redis:// or rediss:// addresses; several: nodes of one Redis Cluster, any of which is used. */
  urls: string[];
  /** Before each channel's name. Redis' numbered databases do not separate channels; prefixes do. @default `channelPrefix` */
  prefix?: string;
  log: BrokerLog;
  /** Milliseconds between two checks that messages come back. @default 1000 */
  heartbeatMs?: number;
}

/**
 * Resolves when messages pass through Redis, or after 3 s with state 'down': an instance starts without its Redis too,
 * and goes on trying.
 */
export async function createRedisBroker(options: RedisBrokerOptions): Promise<Broker> {
  const { urls, prefix = channelPrefix, log, heartbeatMs = 1_000 } = options;
  const echoChannel = `${prefix}echo:${randomUUID()}`;
  const listeners = createChannelListeners(log);
  const inFlight = createInFlight();
  let closed: Promise<void> | null = null;

  const publish = (channel: string, message: string) => {
    if (!publisher.client || !inFlight.enter(message)) return;
    const left = () => inFlight.leave(message);
    publisher.client.publish(prefix + channel, message).then(left, left);
  };

  // Not counted as in flight: a busy publisher is not a broken one.
  const send = (beat: string) => {
    const { client } = publisher;
    client?.publish(echoChannel, beat).catch((error: unknown) => {
      if (publisher.client === client) heartbeat.lost(`Redis refuses to publish (${String(error)})`);
    });
  };

  const heartbeat = createHeartbeat({
    intervalMs: heartbeatMs,
    log,
    send,
    onSilence() {
      // A link that is being made has told why. Of two that claim to be fine it cannot be told which one hangs.
      if (!publisher.client || !subscriber.client) return;
      publisher.restart('published messages do not come back');
      subscriber.restart('published messages do not come back');
    },
  });

  const publisher = createRedisLink({ urls, onReady: heartbeat.beat, onLost: heartbeat.lost });
  const subscriptions = createRedisSubscriptions(() => subscriber, heartbeat.gap);
  const subscriber = createRedisLink({
    urls,
    onReady(client) {
      client.on('message', (channel: string, message: string) => {
        if (subscriber.client !== client) return;
        if (channel === echoChannel) heartbeat.echo(message);
        else listeners.deliver(channel.slice(prefix.length), message);
      });
      subscriptions.restore(client);
      // Last of all: an echo then proves that every other channel is subscribed to again.
      client.subscribe(echoChannel).then(heartbeat.beat, (error: unknown) => {
        if (subscriber.client === client) subscriber.restart(`Redis refuses to subscribe (${String(error)})`);
      });
    },
    onLost: heartbeat.lost,
  });

  await firstUp(heartbeat);

  return {
    kind: 'redis',
    get state() {
      return heartbeat.state;
    },
    get channels() {
      return listeners.channels;
    },
    publish,
    async subscribe(channel, listener) {
      if (closed) throw new Error('The broker is closed.');
      const remove = listeners.add(channel, listener);
      await subscriptions.add(prefix + channel);
      return async () => {
        if (remove().last) await subscriptions.remove(prefix + channel);
      };
    },
    onChange: heartbeat.onChange,
    close() {
      closed ??= close();
      return closed;
    },
  };

  async function close() {
    heartbeat.close();
    listeners.clear();
    subscriptions.close();
    await Promise.all([publisher.close(), subscriber.close()]);
  }
}

function firstUp(heartbeat: Heartbeat): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, START_LIMIT_MS);
    const unlisten = heartbeat.onChange((change) => {
      if (change === 'up') done();
    });
    function done() {
      clearTimeout(timer);
      unlisten();
      resolve();
    }
  });
}
