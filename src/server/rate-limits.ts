import { Cluster, Redis } from 'ioredis';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { RateLimitedError } from '../errors.ts';

/** How often what is allowed. Counted by field, not by request: a document with 100 logIn fields counts 100. */
export const rateLimits = {
  logIn: { points: 10, duration: 60 },
  signUp: { points: 10, duration: 3600 },
  mutation: { points: 120, duration: 60 },
} as const;

export type LimitName = keyof typeof rateLimits;

export interface RateLimits {
  /** Counts one for each key. Throws RateLimitedError when any is used up. */
  consume(limit: LimitName, keys: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Counts shared through Redis; while it is away, or without one, each instance counts for itself. */
export function createRateLimits(redisUrls: readonly string[] | null): RateLimits {
  const redis = redisUrls === null ? null : connect(redisUrls);
  const limiters = new Map<LimitName, RateLimiterAbstract>();
  for (const [name, { points, duration }] of Object.entries(rateLimits) as [
    LimitName,
    (typeof rateLimits)[LimitName],
  ][]) {
    const memory = new RateLimiterMemory({ points, duration, keyPrefix: name });
    limiters.set(
      name,
      redis === null
        ? memory
        : new RateLimiterRedis({
            storeClient: redis,
            points,
            duration,
            keyPrefix: `ovation:limit:${name}`,
            insuranceLimiter: memory,
            rejectIfRedisNotReady: true,
          }),
    );
  }
  return {
    async consume(limit, keys) {
      for (const key of keys) {
        try {
          await limiters.get(limit)?.consume(key);
        } catch (refusal) {
          if (refusal instanceof RateLimiterRes) throw new RateLimitedError(refusal.msBeforeNext);
          throw refusal;
        }
      }
    },
    async close() {
      redis?.disconnect();
    },
  };
}

function connect([url, ...more]: readonly string[]): Redis | Cluster {
  const options = { enableOfflineQueue: false, commandTimeout: 200, maxRetriesPerRequest: 0 };
  const redis =
    url === undefined || more.length > 0
      ? new Cluster([...(url === undefined ? [] : [url]), ...more], {
          enableOfflineQueue: false,
          redisOptions: options,
        })
      : new Redis(url, options);
  // Without a listener a lost connection would end the process; the limiter counts in memory meanwhile.
  redis.on('error', () => {});
  return redis;
}

/** For load tests: nothing is counted. */
export const noRateLimits: RateLimits = { consume: async () => {}, close: async () => {} };
