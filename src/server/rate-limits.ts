import { Cluster, Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { RateLimitedError } from '../errors.ts';
import type { Log } from '../log.ts';

/** How often what is allowed. Counted by field, not by request: a document with 100 logIn fields counts 100. */
export const rateLimits = {
  logIn: { points: 10, duration: 60 },
  signUp: { points: 10, duration: 3600 },
  /** Requests for mail: of one account, and from one address. */
  mail: { points: 5, duration: 3600 },
  mailRequests: { points: 30, duration: 3600 },
  mutation: { points: 120, duration: 60 },
  /** As many a minute as other mutations, but not in one burst: each is written, and goes to everybody in the event. */
  message: { points: 20, duration: 10 },
  /** Engagements of clients' own types. */
  engagement: { points: 60, duration: 60 },
  /** Of an event's engagements, by one user. */
  export: { points: 10, duration: 60 },
  reaction: { points: 20, duration: 1 },
} as const;

/** Before the keys of all counts in Redis. */
export const limitPrefix = 'ovation:limit:';

export type LimitName = keyof typeof rateLimits;

export const isLimitName = (name: unknown): name is LimitName =>
  typeof name === 'string' && Object.hasOwn(rateLimits, name);

export interface RateLimits {
  /** Counts one for each key. Throws RateLimitedError when any is used up. */
  consume(limit: LimitName, keys: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * What Redis gets for an answer: so many short waits in a row, in ms each. A busy process is late for every one of them, and reads
 * in between what has arrived: were it one wait, a flood of log-ins would shake off the count they share.
 */
const patience = { waits: 6, ms: 50 };
/** When an answer is not waited for at all any more, in ms. */
const answerMs = 1000;
/** Redis gave no answer: it is asked again after so long, in ms. */
const retryMs = 1000;

/** What Redis gets for its first answer, in ms. */
const startWithinMs = 1000;

type Count = (key: string) => Promise<unknown>;

/**
 * Counts shared through Redis; while it is away, or without one, each instance counts for itself. Resolves when Redis counts,
 * or did not answer in time: whoever comes in the first moment is not to be counted apart.
 */
export async function createRateLimits(
  redisUrls: readonly string[] | null,
  { log, onRefusal = () => {} }: { log: Pick<Log, 'info' | 'warn'>; onRefusal?: (limit: LimitName) => void },
): Promise<RateLimits> {
  const redis = redisUrls === null ? null : connect(redisUrls);
  if (redis !== null) await isReady(redis);
  const countInRedis = createFallback(log);
  const counts = new Map<LimitName, Count>();
  for (const [name, { points, duration }] of Object.entries(rateLimits) as [
    LimitName,
    (typeof rateLimits)[LimitName],
  ][]) {
    const memory = new RateLimiterMemory({ points, duration, keyPrefix: name });
    const inMemory: Count = (key) => memory.consume(key);
    if (redis === null) counts.set(name, inMemory);
    else {
      const keyPrefix = `${limitPrefix}${name}`;
      const shared = new RateLimiterRedis({
        storeClient: redis,
        points,
        duration,
        keyPrefix,
        rejectIfRedisNotReady: true,
      });
      // Here, too: whoever is refused stays so when Redis goes away, and costs it nothing while it is there.
      counts.set(name, async (key) => {
        await inMemory(key);
        await countInRedis(() => shared.consume(key));
      });
    }
  }
  return {
    async consume(limit, keys) {
      for (const key of keys) {
        try {
          await counts.get(limit)?.(key);
        } catch (refusal) {
          if (!(refusal instanceof RateLimiterRes)) throw refusal;
          onRefusal(limit);
          throw new RateLimitedError(refusal.msBeforeNext);
        }
      }
    },
    async close() {
      redis?.disconnect();
    },
  };
}

/**
 * Leaves Redis out from the first failure on, and once a second one call finds out whether it is back: otherwise every
 * mutation would wait for a Redis that hangs. The log is told when counting alone begins, and when it ends.
 */
function createFallback(log: Pick<Log, 'info' | 'warn'>) {
  /** 0: Redis answers. */
  let retryAt = 0;
  let alone = false;
  let failedAt = 0;
  const fail = (error: unknown): void => {
    failedAt = performance.now();
    retryAt = failedAt + retryMs;
    if (alone) return;
    alone = true;
    const reason = error instanceof Error ? error.message : String(error);
    log.warn({ reason }, 'rate limits are counted by this instance alone: Redis does not count');
  };
  const succeed = (askedAt: number): void => {
    retryAt = 0;
    // Of many asked at once some may be answered in time and some not: those say nothing about what came after the failure.
    if (!alone || askedAt < failedAt) return;
    alone = false;
    log.info('rate limits are shared through Redis again');
  };
  return async (inRedis: () => Promise<unknown>): Promise<void> => {
    const now = performance.now();
    if (now < retryAt) return;
    if (retryAt > 0) retryAt = now + retryMs;
    try {
      await answered(inRedis());
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) return fail(refusal);
      succeed(now);
      throw refusal;
    }
    succeed(now);
  };
}

/** Rejects when patience ends first. */
function answered(answer: Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let waits = 0;
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      if (waits++ === patience.waits) reject(new Error('Redis gave no answer'));
      else timer = setTimeout(wait, patience.ms);
    };
    wait();
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function connect([url, ...more]: readonly string[]): Redis | Cluster {
  const options = { enableOfflineQueue: false, commandTimeout: answerMs, maxRetriesPerRequest: 0 };
  // What is counted in one round of the event loop goes out together: a system call each, a flood would be paid for by everybody else.
  const together = { enableAutoPipelining: true };
  const redis =
    url === undefined || more.length > 0
      ? new Cluster([...(url === undefined ? [] : [url]), ...more], {
          ...together,
          enableOfflineQueue: false,
          redisOptions: options,
        })
      : new Redis(url, { ...options, ...together });
  // Without a listener a lost connection would end the process; the limiter counts in memory meanwhile.
  redis.on('error', () => {});
  return redis;
}

function isReady(redis: Redis | Cluster): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, startWithinMs);
    redis.once('ready', () => {
      clearTimeout(late);
      resolve();
    });
  });
}

/** For load tests: nothing is counted. */
export const noRateLimits: RateLimits = { consume: async () => {}, close: async () => {} };
