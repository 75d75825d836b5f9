import { afterAll, beforeAll, describe } from 'vitest';
import {
  findRedisServer,
  type PrivateRedis,
  REDIS_INSTALL_COMMAND,
  startPrivateRedis,
} from '../src/realtime/private-redis.ts';

/** Whether a private Redis can be started here. */
export const redisAvailable = (): boolean => findRedisServer() !== null;

/**
 * A suite that needs Redis. On a machine without one it is reported as skipped, with the command that installs it; with
 * OVATION_REQUIRE_REDIS=1 it then fails instead.
 * @param options.ownServer the suite starts its servers itself, to break them: TEST_REDIS_URL will not do
 */
export function describeRedis(name: string, body: () => void, { ownServer = false } = {}): void {
  const present = redisAvailable() || (!ownServer && Boolean(process.env.TEST_REDIS_URL));
  const skip = !present && process.env.OVATION_REQUIRE_REDIS !== '1';
  describe.skipIf(skip)(skip ? `${name} (needs Redis: ${REDIS_INSTALL_COMMAND})` : name, body);
}

/** A Redis for the suite in which it is called: TEST_REDIS_URL, or a private server that ends with the suite. */
export function useRedis(): { readonly url: string } {
  let url = process.env.TEST_REDIS_URL ?? '';
  let server: PrivateRedis | null = null;
  beforeAll(async () => {
    if (url) return;
    server = await startPrivateRedis();
    url = server.url;
  });
  afterAll(() => server?.stop());
  return {
    get url() {
      return url;
    },
  };
}
