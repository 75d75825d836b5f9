import { expect, test } from 'vitest';
import { useCluster } from '../faults/cluster.ts';
import { setStage } from '../faults/stage.ts';
import { lock, openPrediction, pay, resolve, stake } from '../predictions/prediction.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';

describeRedis('a prediction, over two instances', () => {
  const redis = useRedis();
  const cluster = useCluster({ instances: 2, redisUrl: () => redis.url });

  test('is told on the other one: its opening, what is staked, its locking, how it ended, and what was won', async () => {
    const { host, eventId, participants } = await setStage(cluster, { participants: 2 });
    const [ada, bob] = participants;
    if (ada === undefined || bob === undefined) throw new Error('two participants');
    const [here = '', there = ''] = cluster.urls;
    for (const to of participants) await pay(host.at(here), eventId, { to, points: 10 });
    const feed = await host
      .at(there)
      .follow(
        eventId,
        '... on PredictionOpened { prediction { predictionId } } ... on PredictionLocked { totals { pot } }',
      );
    const pulse = host
      .at(there)
      .subscribe('subscription($id: ID!) { videoEventPulse(eventId: $id) { predictions { pot } } }', { id: eventId });
    await pulse.has(1);
    const { feedCursor } = (await ada.at(there).ask('{ viewer { feedCursor } }')).viewer;
    const own = ada
      .at(there)
      .subscribe(
        'subscription($after: String) { myFeed(after: $after) { __typename ... on PointsChanged { kind points balance } } }',
        {
          after: feedCursor,
        },
      );
    const prediction = await openPrediction(host.at(here), eventId);
    expect(await feed.next()).toMatchObject({ prediction: { predictionId: prediction.id } });
    await stake(ada.at(here), prediction, 0, 4);
    await stake(bob.at(there), prediction, 1, 5);
    const told = () => JSON.stringify(pulse.items.at(-1)?.predictions);
    await until(() => told() === '[{"pot":9}]', { what: 'the stakes in the pulse of the other instance' });
    await lock(host.at(here), prediction);
    expect(await feed.next()).toMatchObject({ __typename: 'PredictionLocked', totals: { pot: 9 } });
    await resolve(host.at(here), prediction, 0);
    expect(await feed.next()).toMatchObject({ __typename: 'PredictionResolved' });
    expect(await own.nextBut('RankChanged')).toMatchObject({ kind: 'STAKED', points: -4, balance: 6 });
    expect(await own.nextBut('RankChanged')).toMatchObject({ kind: 'WON', points: 9, balance: 15 });
    await Promise.all([feed.close(), pulse.close(), own.close()]);
  });
});
