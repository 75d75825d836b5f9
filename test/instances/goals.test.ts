import { expect, test } from 'vitest';
import { useCluster } from '../faults/cluster.ts';
import { setStage } from '../faults/stage.ts';
import { applaud, attend, balanceOf, setGoal } from '../goals/goal.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';

describeRedis('a goal, over two instances', () => {
  const redis = useRedis();
  const cluster = useCluster({ instances: 2, redisUrl: () => redis.url });

  test('is noticed by one of them, and pays who is present at either', async () => {
    const { host, eventId, participants } = await setStage(cluster, { participants: 4 });
    const [here = '', there = ''] = cluster.urls;
    const people = participants.map((person, place) => person.at(place % 2 ? here : there));
    const streams = await attend(host.at(here), eventId, people);
    const feeds = await Promise.all(
      [here, there].map((url) =>
        host.at(url).follow(eventId, '... on GoalReached { level }', { kinds: ['GoalReached'] }),
      ),
    );
    const pulse = host
      .at(there)
      .subscribe('subscription($id: ID!) { videoEventPulse(eventId: $id) { goals { progress } } }', { id: eventId });
    await pulse.has(1);
    await setGoal(host.at(here), eventId, {
      levels: [
        { target: 10, points: 5 },
        { target: 50, points: 1 },
      ],
    });
    await Promise.all(people.map((person) => applaud(person, eventId, 5)));
    for (const feed of feeds) expect(await feed.next()).toMatchObject({ __typename: 'GoalReached', level: 1 });
    await until(() => JSON.stringify(pulse.items.at(-1)?.goals) === '[{"progress":20}]', {
      what: 'the progress in the pulse of the other instance',
    });
    const balances = () => Promise.all(people.map(balanceOf));
    await until(async () => (await balances()).every((balance) => balance === 5), {
      what: 'everybody to have their points',
    });
    for (const feed of feeds) expect(feed.items).toHaveLength(1);
    await Promise.all([...streams, ...feeds, pulse].map((stream) => stream.close()));
  });
});
