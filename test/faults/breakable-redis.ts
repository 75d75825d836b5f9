import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { type PrivateRedis, startPrivateRedis } from '../../src/realtime/private-redis.ts';

/** A Redis that the suite may break. */
export interface BreakableRedis {
  readonly url: string;
  /** It hangs: connections stay, nothing is answered. */
  pause(): void;
  goOn(): void;
  kill(): Promise<void>;
  /** Empty, on the same port. */
  startAgain(): Promise<void>;
  /** The answer to one command. */
  command(name: string, ...rest: string[]): Promise<unknown>;
}

export function useBreakableRedis(): BreakableRedis {
  let server: PrivateRedis | null = null;
  const running = (): PrivateRedis => {
    if (server === null) throw new Error('Redis runs while tests run');
    return server;
  };
  beforeAll(async () => {
    server = await startPrivateRedis();
  });
  afterAll(() => server?.stop());
  return {
    get url() {
      return running().url;
    },
    pause: () => void process.kill(running().pid, 'SIGSTOP'),
    goOn: () => void process.kill(running().pid, 'SIGCONT'),
    async kill() {
      process.kill(running().pid, 'SIGKILL');
      await running().stop();
    },
    async startAgain() {
      server = await startPrivateRedis({ port: Number(new URL(running().url).port) });
    },
    async command(name, ...rest) {
      const client = new Redis(running().url);
      try {
        return await client.call(name, ...rest);
      } finally {
        client.disconnect();
      }
    },
  };
}
