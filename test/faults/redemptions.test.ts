import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { decodeGlobalId } from '../../src/global-id.ts';
import { verifyLedger } from '../../src/rewards/verify.ts';
import { testLog } from '../harness.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { type AtLast, sendAtLast } from './at-last.ts';
import { useCluster } from './cluster.ts';
import { select } from './sql.ts';
import { setStage } from './stage.ts';

const buyers = 500;
const stock = 10;
const document = 'mutation($input: RedeemPerkInput!) { done: redeemPerk(input: $input) { ... on Error { code } } }';

describeRedis('five hundred want one of ten pieces', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url });

  test('at three instances, one of which is killed meanwhile: ten get one, the others keep their points, and the ledger agrees', async () => {
    const { host, eventId, participants } = await setStage(cluster, { participants: buyers });
    const owner = host.at(cluster.instance(0).url);
    await owner.mutate('grantRewards', { eventId, points: 10, reason: 'for coming' });
    const { perk } = await owner.mutate('createPerk', { title: 'A song', cost: 10, stock }, 'perk { id }');
    const paid = () => select<{ count: number }>(cluster.databaseUrl, 'SELECT count(*)::int AS count FROM "Reward"');
    await until(async () => (await paid())[0]?.count === buyers, { what: 'points for everybody', limitMs: 60_000 });

    const done: AtLast[] = [];
    const all = participants.map(async (buyer, home) => {
      const input = { eventId, perkId: perk.id, idempotencyKey: randomUUID() };
      done.push(await sendAtLast(buyer, { urls: cluster.urls, home, document, input }));
    });
    await until(() => done.length > 0, { what: 'the first answer', limitMs: 60_000 });
    const ending = await cluster.instance(2).kill();
    const before = done.length;
    await Promise.all(all);

    const [found] = await select(
      cluster.databaseUrl,
      `SELECT (SELECT count(*)::int FROM "Redemption") AS redemptions, (SELECT stock FROM "Perk") AS stock,
         (SELECT count(*)::int FROM "Wallet" WHERE balance = 0) AS emptied,
         (SELECT count(*)::int FROM "Wallet" WHERE balance = 10) AS untouched,
         (SELECT count(*)::int FROM "FeedEntry" WHERE kind = 'PerkRedeemed' AND feed = $1) AS told`,
      [`event:${decodeGlobalId(eventId).id}`],
    );
    const retried = done.filter(({ attempts }) => attempts > 1).length;
    console.log(
      `redemptions: ${JSON.stringify(found)}; ${before} answered when an instance was killed, ${retried} retried`,
    );
    expect(ending.signal).toBe('SIGKILL');
    expect(retried).toBeGreaterThan(0);
    expect(done.filter(({ outcome }) => outcome === 'ok')).toHaveLength(stock);
    expect(done.filter(({ outcome }) => outcome === 'PERK_UNAVAILABLE')).toHaveLength(buyers - stock);
    expect(found).toEqual({ redemptions: stock, stock: 0, emptied: stock, untouched: buyers - stock, told: stock });

    const database = openDatabase({ url: cluster.databaseUrl, pool: 1, log: testLog });
    try {
      expect(await verifyLedger(database.db)).toEqual({ wallets: buyers, rewards: buyers + stock, differences: [] });
    } finally {
      await database.close();
    }
  }, 120_000);
});
