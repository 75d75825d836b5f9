import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { decodeGlobalId } from '../../src/global-id.ts';
import { verifyScores } from '../../src/leaderboards/scores.ts';
import { verifyLedger } from '../../src/rewards/verify.ts';
import { useCluster } from '../faults/cluster.ts';
import { setStage } from '../faults/stage.ts';
import { testLog } from '../harness.ts';
import { give } from '../leaderboards/board.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';

describeRedis('a leaderboard, over two instances', () => {
  const redis = useRedis();
  const cluster = useCluster({ instances: 2, redisUrl: () => redis.url });

  test('is told on the one that wrote nothing, and what both write at the same time adds up as in the ledger', async () => {
    const { host, eventId, participants } = await setStage(cluster, { participants: 4 });
    const [here = '', there = ''] = cluster.urls;
    const live = host
      .at(there)
      .subscribe('subscription($id: ID!) { leaderboard(eventId: $id) { entries { rank points user { userId } } } }', {
        id: eventId,
      });
    await live.has(1);
    const [ada] = participants;
    await give(host.at(here), eventId, ada?.id === undefined ? '' : decodeGlobalId(ada.id).id, 3);
    await until(() => live.items.at(-1)?.entries[0]?.points === 3, { what: 'what the other instance wrote' });

    const giving = Array.from({ length: 60 }, (_, n) => {
      const to = participants[n % participants.length];
      return give(host.at(n % 2 ? here : there), eventId, decodeGlobalId(to?.id ?? '').id, 1 + (n % 5));
    });
    const many = host.at(there).mutate('grantRewards', { eventId, points: 2, reason: 'for all' });
    await Promise.all([...giving, many]);
    const database = openDatabase({ url: cluster.databaseUrl, pool: 2, log: testLog });
    try {
      const { db } = database;
      const jobs = { kind: { in: ['reward.grant', 'leaderboard.tell'] } };
      await until(async () => (await db.job.count({ where: jobs })) === 0, {
        what: 'all that follows',
      });
      expect((await verifyLedger(db)).differences).toEqual([]);
      expect(await verifyScores(db)).toMatchObject({ scores: 5 * participants.length, differences: [], miscounted: 0 });
      const total = 3 + 12 * (1 + 2 + 3 + 4 + 5) + 2 * participants.length;
      const sum = (entries: { points: number }[] = []) => entries.reduce((all, { points }) => all + points, 0);
      await until(() => sum(live.items.at(-1)?.entries) === total, { what: 'all points on the other instance' });
      // Each was told a state after the other: the last one is what the leaderboard shows.
      for (const { rank, user } of live.items.at(-1)?.entries ?? []) {
        const facts = await db.feedEntry.findMany({
          where: { kind: 'RankChanged', feed: `user:${decodeGlobalId(user.userId).id}` },
          orderBy: { sequence: 'asc' },
        });
        const told = facts.map(({ payload }) => Object(payload));
        expect(told.at(-1)).toMatchObject({ rank });
        for (const [place, { previousRank }] of told.entries())
          expect(previousRank).toBe(told[place - 1]?.rank ?? null);
      }
    } finally {
      await database.close();
    }
    await live.close();
  });
});
