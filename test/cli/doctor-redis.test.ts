import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../src/free-port.ts';
import { type PrivateRedis, startPrivateRedis } from '../../src/realtime/private-redis.ts';
import { describeRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { diagnose, onlyFinding } from './command-line.ts';
import { listening, lying } from './lying-proxy.ts';

describe('ovation doctor names the fault and the remedy, without a Redis', () => {
  test('nothing listens at the port of REDIS_URL', async () => {
    const port = await freePort();
    const finding = await onlyFinding({ REDIS_URL: `redis://:hush-hush@127.0.0.1:${port}` });
    expect(finding).toMatchObject({ exit: 1, ok: false, code: 'REDIS_UNREACHABLE' });
    expect(finding.problem).toContain(`127.0.0.1:${port} (ECONNREFUSED)`);
    expect(finding.remedy).toContain('REDIS_URL');
    expect(JSON.stringify(finding)).not.toContain('hush-hush');
  });

  test('the host of REDIS_URL does not exist', async () => {
    const finding = await onlyFinding({ REDIS_URL: 'redis://no-such-host.invalid' });
    expect(finding).toMatchObject({ exit: 1, code: 'REDIS_HOST_UNKNOWN' });
    expect(finding.problem).toContain('no-such-host.invalid:6379');
  });

  test('something else listens there', async () => {
    const port = await listening((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const finding = await onlyFinding({ REDIS_URL: `redis://127.0.0.1:${port}` });
    expect(finding).toMatchObject({ exit: 1, code: 'REDIS_NOT_REDIS' });
    expect(finding.remedy).toContain('rediss://');
  });

  test('what accepts connections and never answers, Redis or PostgreSQL, is not waited for', async () => {
    const port = await listening(() => {});
    const { code, found } = await diagnose({
      REDIS_URL: `redis://127.0.0.1:${port}`,
      DATABASE_URL: `postgres://ovation@127.0.0.1:${port}/ovation`,
    });
    expect({ code, found }).toEqual({ code: 1, found: ['DATABASE_UNREACHABLE', 'REDIS_UNREACHABLE'] });
  });
});

describeRedis(
  'ovation doctor looks at Redis',
  () => {
    let redis: PrivateRedis;
    let admin: Redis;
    beforeAll(async () => {
      redis = await startPrivateRedis();
      admin = new Redis(redis.url);
      await admin.call('ACL', 'SETUSER', 'default', 'resetpass', '>right');
      await admin.call('ACL', 'SETUSER', 'mute', 'on', '>pw', '~*', '+@all', 'resetchannels');
    });
    afterAll(async () => {
      admin.disconnect();
      await redis.stop();
    });
    const as = (login: string): string => redis.url.replace('redis://', `redis://${login}@`);

    test('and finds nothing wrong with one that works', async () => {
      const diagnosis = await diagnose({ REDIS_URL: as(':right') });
      expect(diagnosis).toMatchObject({ code: 0, ok: true, found: [] });
      expect(diagnosis.checks.find(({ part }) => part === 'redis')?.seen).toMatch(/^Redis \d+\.\d+\.\d+ at 127/);
    });

    test.each([
      ['a wrong password', ':wrong'],
      ['no password', ''],
      ['a user there is none of', 'nobody:right'],
    ])('and names %s', async (_what, login) => {
      const finding = await onlyFinding({ REDIS_URL: login === '' ? redis.url : as(login) });
      expect(finding).toMatchObject({ exit: 1, code: 'REDIS_LOGIN_REFUSED' });
      expect(finding.remedy).toContain('redis://user:password@host:port');
      expect(JSON.stringify(finding)).not.toContain('wrong@');
    });

    test('and names a user that may neither publish nor subscribe, with the rule that lets it', async () => {
      const finding = await onlyFinding({ REDIS_URL: as('mute:pw') });
      expect(finding).toMatchObject({ exit: 1, code: 'REDIS_ACCESS_DENIED' });
      expect(finding.problem).toContain('may not publish, nor subscribe: NOPERM');
      const rule = /ACL SETUSER <user> (.*)$/.exec(finding.remedy)?.[1] ?? '';
      await admin.call('ACL', 'SETUSER', 'allowed', 'on', '>pw', ...rule.split(' '));
      expect(await diagnose({ REDIS_URL: as('allowed:pw') })).toMatchObject({ code: 0, found: [] });
    });

    test.each([
      ['may not subscribe', ['+@all', '-subscribe', '~*', '&*'], 'may not subscribe'],
      ['may not count rate limits', ['+@all', '~other:*', '&*'], 'may not count rate limits in ovation:limit:*'],
      ['may run no script', ['+@all', '-@scripting', '~*', '&*'], 'may not count rate limits in ovation:limit:*'],
    ])('and names a user that %s', async (_what, rules, problem) => {
      await admin.call('ACL', 'SETUSER', 'half', 'reset', 'on', '>pw', ...rules);
      const finding = await onlyFinding({ REDIS_URL: as('half:pw') });
      expect(finding).toMatchObject({ exit: 1, code: 'REDIS_ACCESS_DENIED' });
      expect(finding.problem).toContain(problem);
      expect(await diagnose({ REDIS_URL: as('half:pw'), RATE_LIMITS: 'false' })).toMatchObject({
        code: problem.includes('subscribe') ? 1 : 0,
      });
    });

    test('and names one that takes no writes, and leaves nothing behind in one that does', async () => {
      await admin.config('SET', 'maxmemory', '1');
      const finding = await onlyFinding({ REDIS_URL: as(':right') });
      await admin.config('SET', 'maxmemory', '0');
      expect(finding).toMatchObject({ exit: 1, code: 'REDIS_REFUSES' });
      expect(await diagnose({ REDIS_URL: as(':right') })).toMatchObject({ code: 0 });
      await until(async () => (await admin.keys('*')).length === 0, { what: 'an empty Redis' });
    });

    test('and names a version that is too old', async () => {
      const url = await lying(as(':right'), /redis_version:\d/, () => 'redis_version:6');
      const finding = await onlyFinding({ REDIS_URL: url });
      expect(finding).toMatchObject({ exit: 1, code: 'REDIS_TOO_OLD' });
      expect(finding.remedy).toContain('Upgrade');
    });

    test('and names a cluster of which REDIS_URL names one node', async () => {
      const url = await lying(as(':right'), /redis_mode:standalone/, () => 'redis_mode:cluster\r\nx');
      expect(await onlyFinding({ REDIS_URL: url })).toMatchObject({ exit: 1, code: 'REDIS_CLUSTER_UNDECLARED' });
    });

    test('and names several servers that are no cluster: instances would not hear each other', async () => {
      const { code, found } = await diagnose({ REDIS_URL: `${as(':right')},${as(':right')}` });
      expect({ code, found }).toEqual({ code: 1, found: ['REDIS_NOT_A_CLUSTER', 'REDIS_NOT_A_CLUSTER'] });
    });
  },
  { ownServer: true },
);
