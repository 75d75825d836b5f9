import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { verifyLedger } from '../../src/rewards/verify.ts';
import { testLog } from '../harness.ts';
import { lock, openPrediction, rawId, resolve } from '../predictions/prediction.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { useCluster } from './cluster.ts';
import { select } from './sql.ts';
import { setStage } from './stage.ts';

const winners = 3000;

describeRedis('three thousand were right', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url });
  const query = <Row extends object>(sql: string, values: unknown[] = []) =>
    select<Row>(cluster.databaseUrl, sql, values);

  test('and each is paid once, though an instance is killed while it pays', async () => {
    const { host, eventId } = await setStage(cluster, { participants: 0 });
    const prediction = await openPrediction(host, eventId);
    // Half of them staked on the first outcome, half on the second, 1 to 7 points each.
    await query(
      `WITH people AS (
         INSERT INTO "User" (id, username, email, password, "displayName")
         SELECT gen_random_uuid(), 'many_' || n, 'many_' || n || '@example.test', '', 'one of many'
         FROM generate_series(1, ${2 * winners}) n RETURNING id
       ), joined AS (
         INSERT INTO "Participant" (id, "userId", "eventId") SELECT gen_random_uuid(), id, $1::uuid FROM people RETURNING id, "userId"
       ), numbered AS (SELECT *, (row_number() OVER ())::int AS n FROM joined)
       INSERT INTO "PredictionStake" ("predictionId", "eventId", "outcomeId", "userId", "participantId", points)
       SELECT $2::uuid, $1::uuid, CASE WHEN n % 2 = 0 THEN $3::uuid ELSE $4::uuid END, "userId", id, 1 + n % 7 FROM numbered`,
      [rawId(eventId), rawId(prediction.id), ...prediction.outcomes.slice(0, 2).map(rawId)],
    );
    const alive = host.at(cluster.instance(0).url);
    await lock(alive, prediction);
    expect((await resolve(alive, prediction, 0)).code).toBeUndefined();
    const paid = async () =>
      (await query<{ paid: number }>(`SELECT count(*)::int AS paid FROM "Reward"`))[0]?.paid ?? 0;
    await until(async () => (await paid()) > 0, { what: 'the first payments', limitMs: 60_000 });
    const ending = await cluster.instance(2).kill();
    const before = await paid();
    await until(async () => (await paid()) === winners, { what: 'everybody to be paid', limitMs: 60_000 });
    expect(ending.signal).toBe('SIGKILL');
    console.log(`payout: ${before} of ${winners} were paid when an instance was killed`);

    const [found] = await query(
      `SELECT (SELECT count(DISTINCT "userId")::int FROM "Reward" WHERE kind = 'WON') AS winners,
         (SELECT sum(points)::int FROM "Reward") = (SELECT sum(points)::int FROM "PredictionStake") AS whole,
         (SELECT count(*)::int FROM "PredictionStake" s JOIN "Wallet" w USING ("userId") WHERE w.balance <> s.payout) AS differing,
         (SELECT count(*)::int FROM "FeedEntry" WHERE kind = 'PointsChanged') AS told`,
    );
    expect(found).toEqual({ winners, whole: true, differing: 0, told: winners });
    const database = openDatabase({ url: cluster.databaseUrl, pool: 1, log: testLog });
    try {
      expect(await verifyLedger(database.db)).toEqual({ wallets: winners, rewards: winners, differences: [] });
    } finally {
      await database.close();
    }
  }, 120_000);
});
