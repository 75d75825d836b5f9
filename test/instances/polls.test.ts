import { expect, test } from 'vitest';
import { useCluster } from '../faults/cluster.ts';
import { setStage } from '../faults/stage.ts';
import { openPoll, vote } from '../polls/poll.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';

describeRedis('a poll, over two instances', () => {
  const redis = useRedis();
  const cluster = useCluster({ instances: 2, redisUrl: () => redis.url });

  test('is told on the other one: its opening, how the votes stand, and its closing', async () => {
    const { host, eventId, participants } = await setStage(cluster, { participants: 4 });
    const [here = '', there = ''] = cluster.urls;
    const watcher = host.at(there);
    const feed = await watcher.follow(
      eventId,
      '... on PollOpened { poll { pollId } } ... on PollClosed { tally { ballots choices { votes } } }',
    );
    const pulse = watcher.subscribe(
      'subscription($id: ID!) { videoEventPulse(eventId: $id) { polls { ballots choices { votes } } } }',
      { id: eventId },
    );
    await pulse.has(1);
    const poll = await openPoll(host.at(here), eventId);
    expect(await feed.next()).toMatchObject({ __typename: 'PollOpened', poll: { pollId: poll.id } });
    for (const [place, voter] of participants.entries()) {
      // Two through each instance, none of them twice through another.
      const own = voter.at(place % 2 ? here : there);
      expect(await vote(own, poll, [place % 2])).toEqual({ __typename: 'VotePayload' });
      expect(await vote(voter.at(place % 2 ? there : here), poll, [2])).toMatchObject({ code: 'ALREADY_VOTED' });
    }
    const tally = { ballots: 4, choices: [{ votes: 2 }, { votes: 2 }, { votes: 0 }] };
    const told = () => JSON.stringify(pulse.items.at(-1)?.polls);
    await until(() => told() === JSON.stringify([tally]), { what: 'the votes in the pulse of the other instance' });
    await host.at(here).mutate('closePoll', { pollId: poll.id });
    expect(await feed.next()).toMatchObject({ __typename: 'PollClosed', tally });
    await until(() => told() === '[]', { what: 'the pulse to be without the poll' });
    await Promise.all([feed.close(), pulse.close()]);
  });
});
