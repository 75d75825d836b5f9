import { expect, test } from 'vitest';
import { createRateLimits } from '../../src/server/rate-limits.ts';
import { useBreakableRedis } from '../faults/breakable-redis.ts';
import { recordingLog } from '../realtime/recording-log.ts';
import { describeRedis } from '../redis.ts';
import { until } from '../wait.ts';

describeRedis(
  'rate limits shared through Redis',
  () => {
    const redis = useBreakableRedis();

    async function watched() {
      const { log, lines } = recordingLog();
      const limits = await createRateLimits([redis.url], { log });
      return { limits, said: () => lines.map((line): unknown => JSON.parse(line)) };
    }
    const alone = (reason: RegExp) => ({
      level: 40,
      reason: expect.stringMatching(reason),
      msg: 'rate limits are counted by this instance alone: Redis does not count',
    });
    const again = { level: 30, msg: 'rate limits are shared through Redis again' };

    test('one that refuses, and one that hangs, is told of once each, and so is that it counts again', async () => {
      const { limits, said } = await watched();
      const all = () => Promise.all(['a', 'b', 'c'].map((key) => limits.consume('mutation', [key])));
      const counted = async (lines: number): Promise<boolean> => {
        await limits.consume('mutation', [crypto.randomUUID()]);
        return said().length === lines;
      };
      await all();
      expect(said()).toEqual([]);

      await redis.command('ACL', 'SETUSER', 'default', 'resetkeys', '~other:*');
      await all();
      expect(said()).toEqual([alone(/NOPERM|permission/i)]);
      await redis.command('ACL', 'SETUSER', 'default', 'allkeys');
      await until(() => counted(2), { what: 'Redis that counts again' });

      redis.pause();
      await all();
      redis.goOn();
      await until(() => counted(4), { what: 'Redis that answers again' });
      expect(said()).toEqual([alone(/NOPERM|permission/i), again, alone(/no answer/), again]);
      await limits.close();
    });

    test('one that is away is told of', async () => {
      const { limits, said } = await watched();
      await redis.kill();
      await until(
        async () => {
          await limits.consume('mutation', [crypto.randomUUID()]);
          return said().length > 0;
        },
        { what: 'a warning' },
      );
      expect(said()).toEqual([alone(/./)]);
      await limits.close();
      await redis.startAgain();
    });
  },
  { ownServer: true },
);
