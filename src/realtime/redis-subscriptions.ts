import type { Redis } from 'ioredis';
import type { RedisLink } from './redis-link.ts';

/** The longest a caller waits for Redis to acknowledge. */
const ACKNOWLEDGED_LIMIT_MS = 500;
/** Channels in one SUBSCRIBE when all are made again. */
const BATCH = 500;

/** The channels wanted from Redis, made again on each new connection. */
export interface RedisSubscriptions {
  /** Resolves when Redis has acknowledged, or after 500 ms. */
  add(channel: string): Promise<void>;
  remove(channel: string): Promise<void>;
  /** On a new connection: subscribes to all that is wanted, in the order in which it was. */
  restore(client: Redis): void;
  /** Nobody waits any more. */
  close(): void;
}

interface Subscription {
  acknowledged: Promise<void>;
  acknowledge(): void;
  /** Somebody was told to go on before Redis had acknowledged. */
  late: boolean;
}

/** @param onLate a subscription was acknowledged after somebody had stopped waiting: messages may have been missed */
export function createRedisSubscriptions(link: () => RedisLink, onLate: () => void): RedisSubscriptions {
  const wanted = new Map<string, Subscription>();

  // Redis executes one connection's commands in order, and a command given to a client is written at once or fails. So the
  // last SUBSCRIBE or UNSUBSCRIBE sent for a channel decides, however many are under way, and none has to be waited for.
  const subscribe = async (client: Redis, batch: [string, Subscription][]) => {
    try {
      await client.subscribe(...batch.map(([channel]) => channel));
    } catch (error) {
      // Of a connection that is gone, nothing follows: restore() does it again on the next one.
      if (link().client === client) link().restart(`Redis refuses to subscribe (${String(error)})`);
      return;
    }
    for (const [channel, subscription] of batch) {
      subscription.acknowledge();
      if (subscription.late && wanted.get(channel) === subscription) onLate();
      subscription.late = false;
    }
  };

  return {
    async add(channel) {
      let subscription = wanted.get(channel);
      if (!subscription) {
        subscription = createSubscription();
        wanted.set(channel, subscription);
        const { client } = link();
        if (client) void subscribe(client, [[channel, subscription]]);
      }
      if (!(await within(subscription.acknowledged))) subscription.late = true;
    },
    async remove(channel) {
      wanted.delete(channel);
      const { client } = link();
      if (client) await within(client.unsubscribe(channel));
    },
    restore(client) {
      const all = [...wanted];
      for (let from = 0; from < all.length; from += BATCH) void subscribe(client, all.slice(from, from + BATCH));
    },
    close() {
      for (const { acknowledge } of wanted.values()) acknowledge();
      wanted.clear();
    },
  };
}

function createSubscription(): Subscription {
  let acknowledge = () => {};
  const acknowledged = new Promise<void>((resolve) => {
    acknowledge = resolve;
  });
  return { acknowledged, acknowledge, late: false };
}

/** Whether the answer came in time. A refusal is an answer. */
function within(answer: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ACKNOWLEDGED_LIMIT_MS);
    const answered = () => {
      clearTimeout(timer);
      resolve(true);
    };
    answer.then(answered, answered);
  });
}
