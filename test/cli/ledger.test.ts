import { expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { createEvent, join } from '../actor.ts';
import { useServer } from '../harness.ts';
import { ovation } from './command-line.ts';

const server = useServer();

test('ovation ledger verify finds a balance that the ledger does not explain, and nothing where all agrees', async () => {
  const verify = () => ovation(['ledger', 'verify'], { DATABASE_URL: server.databaseUrl });
  expect(await verify()).toMatchObject({
    code: 0,
    out: '0 wallets, 0 rewards, 0 differences.\n0 scores, 0 differences.',
  });

  const [host, ada] = [await server.signUp({ role: 'HOST' }), await server.signUp()];
  const eventId = await createEvent(host, 'LIVE');
  await join(ada, eventId);
  for (const points of [5, 7])
    await host.mutate('grantReward', { eventId, userId: ada.id, points, reason: 'well done' });
  expect(await verify()).toMatchObject({
    code: 0,
    out: '1 wallets, 2 rewards, 0 differences.\n5 scores, 0 differences.',
  });

  await server.app.db.$executeRaw`UPDATE "Wallet" SET balance = 13`;
  const { code, out } = await verify();
  expect(code).toBe(1);
  expect(out).toMatch(
    new RegExp(
      `of user ${decodeGlobalId(ada.id).id} with host ${decodeGlobalId(host.id).id}: 13 points, 12 by the ledger`,
    ),
  );
  expect(out).toMatch(/1 wallets, 2 rewards, 1 differences\.$/m);

  await server.app.db.$executeRaw`UPDATE "Wallet" SET balance = 12`;
  await server.app.db.$executeRaw`UPDATE "Score" SET points = 14 WHERE period = 'WEEK'`;
  const wrong = await verify();
  expect(wrong.code).toBe(1);
  expect(wrong.out).toMatch(/^2 buckets of scores do not hold as many as they count\n5 scores, 1 differences\.$/m);
  expect(wrong.out).toContain('(WEEK): 14 points, 12 by the ledger');
});
