import { expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { openPoll, vote } from '../polls/poll.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { useCluster } from './cluster.ts';
import { select } from './sql.ts';
import { setStage } from './stage.ts';
import { readPoll } from './voters.ts';

describeRedis('a poll that closes by itself, over three instances', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url });

  test('is closed once, by the last instance left, though the one that opened it is killed at that moment with another', async () => {
    const { host, eventId, participants } = await setStage(cluster, { participants: 6 });
    const [survivor = '', ...doomed] = cluster.urls;
    const feed = await host
      .at(survivor)
      .follow(eventId, '... on PollClosed { poll { pollId } tally { ballots choices { votes } } }', {
        kinds: ['PollClosed'],
      });
    // Several, so that the kills fall among the moments.
    const polls = await Promise.all(
      Array.from({ length: 8 }, (_, n) => openPoll(host.at(doomed[n % 2] ?? ''), eventId, { durationSeconds: 15 })),
    );
    for (const poll of polls) {
      const answers = await Promise.all(
        participants.map((voter, place) => vote(voter.at(survivor), poll, [place % 3])),
      );
      expect(answers.map(({ __typename }) => __typename)).toEqual(Array(6).fill('VotePayload'));
    }
    const ids = polls.map(({ id }) => decodeGlobalId(id).id);
    // All of them within the next moments.
    await select(
      cluster.databaseUrl,
      `UPDATE "Job" SET "runAt" = clock_timestamp() + make_interval(secs => 0.5 + 0.05 * array_position($1::text[], key))
       WHERE kind = 'poll.close' AND key = ANY($1)`,
      [ids],
    );
    await select(
      cluster.databaseUrl,
      `UPDATE "Poll" p SET "closesAt" = j."runAt" FROM "Job" j WHERE j.kind = 'poll.close' AND j.key = p.id::text AND p.id = ANY($1::uuid[])`,
      [ids],
    );
    const closed = async () => {
      const read = await Promise.all(polls.map((poll) => readPoll(cluster.databaseUrl, poll)));
      return read.filter(({ status }) => status === 'CLOSED').length;
    };
    await until(async () => (await closed()) > 0, { what: 'the first to close' });
    const before = await closed();
    await Promise.all([cluster.instance(1).kill(), cluster.instance(2).kill()]);

    await until(async () => (await closed()) === polls.length, { what: 'every poll to close', limitMs: 30_000 });
    // Whoever would close one again would have said so before what is said now.
    await openPoll(host.at(survivor), eventId);
    const found = await Promise.all(polls.map((poll) => readPoll(cluster.databaseUrl, poll)));
    const heard = await feed.has(polls.length);
    console.log(
      `timed polls: ${before} of ${polls.length} were closed before two instances were killed; closings of each: ${found.map(({ closings }) => closings.length).join(' ')}`,
    );
    for (const { closings, votes, ballots } of found) {
      expect({ votes, ballots }).toEqual({ votes: [2, 2, 2], ballots: 6 });
      expect(closings).toMatchObject([{ tally: { ballots: 6, choices: [{ votes: 2 }, { votes: 2 }, { votes: 2 }] } }]);
    }
    expect(new Set(heard.map(({ poll }) => poll.pollId))).toEqual(new Set(polls.map(({ id }) => id)));
    expect(heard).toHaveLength(polls.length);
    expect(await select(cluster.databaseUrl, `SELECT 1 FROM "Job" WHERE kind = 'poll.close'`)).toEqual([]);
    await feed.close();
  }, 120_000);
});
