import { expect, test } from 'vitest';
import type { Actor } from '../actor.ts';
import { openPoll } from '../polls/poll.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import type { AtLast } from './at-last.ts';
import { useCluster } from './cluster.ts';
import { setStage } from './stage.ts';
import { readPoll, voteAtLast } from './voters.ts';

const voting = 1000;

describeRedis('a thousand participants vote through three instances', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url });

  test('one of which is killed meanwhile, and one closes the poll: each counts once, and the closing counts every ballot', async () => {
    const { host, eventId, participants } = await setStage(cluster, { participants: voting });
    const first = host.at(cluster.instance(0).url);
    const poll = await openPoll(first, eventId);
    const cast: AtLast[] = [];
    const startedAt = performance.now();
    const all = participants.map(async (voter, home) => {
      cast.push(await voteAtLast(voter, { urls: cluster.urls, home, poll, choice: home % 3 }));
    });
    await until(() => cast.length >= voting / 5, { what: 'a fifth of the votes', limitMs: 60_000 });
    const ending = await cluster.instance(2).kill();
    const before = cast.length;
    await Promise.all(all);
    const votedMs = Math.round(performance.now() - startedAt);
    expect(await first.mutate('closePoll', { pollId: poll.id })).toEqual({ __typename: 'ClosePollPayload' });

    const found = await readPoll(cluster.databaseUrl, poll);
    const retried = cast.filter(({ attempts }) => attempts > 1).length;
    console.log(
      `votes: ${voting} in ${votedMs} ms, ${before} when an instance was killed, ${retried} retried; ballots ${found.ballots}, ` +
        `votes ${found.votes.join(' ')}, the closing tells ${JSON.stringify(found.closings[0]?.tally.choices.map(({ votes }) => votes))}`,
    );
    expect(ending.signal).toBe('SIGKILL');
    expect(before).toBeLessThan(voting);
    expect(retried).toBeGreaterThan(0);
    expect(new Set(cast.map(({ outcome }) => outcome))).toEqual(new Set(['ok']));
    expect(found).toMatchObject({ status: 'CLOSED', ballots: voting, voters: voting, engagements: voting });
    expect(found.votes).toEqual([334, 333, 333]);
    expect(found.closings).toMatchObject([
      { tally: { ballots: voting, choices: found.votes.map((votes) => ({ votes })) } },
    ]);
  }, 120_000);

  test('a poll that is closed while they change their minds all the time counts what each was last told is taken', async () => {
    const { host, eventId, participants } = await setStage(cluster, { participants: 60 });
    const urls = cluster.urls.slice(0, 2);
    const there = host.at(urls[0] ?? '');
    const poll = await openPoll(there, eventId, { changeable: true });
    let taken = 0;
    /** What a voter has chosen when they are told that it is too late; null: nothing. */
    const keepsVoting = async (voter: Actor, home: number): Promise<number | null> => {
      for (let last: number | null = null, choice = home % 3; ; choice = (choice + 1) % 3) {
        const { outcome } = await voteAtLast(voter, { urls, home, poll, choice });
        if (outcome === 'POLL_STATUS') return last;
        expect(outcome).toBe('ok');
        taken++;
        last = choice;
      }
    };
    const all = Promise.all(participants.map(keepsVoting));
    await until(() => taken >= 200, { what: '200 votes', limitMs: 60_000 });
    expect(await there.mutate('closePoll', { pollId: poll.id })).toEqual({ __typename: 'ClosePollPayload' });
    const last = (await all).filter((choice) => choice !== null);

    const found = await readPoll(cluster.databaseUrl, poll);
    console.log(`votes: ${taken} of ${last.length} voters came before the closing; votes ${found.votes.join(' ')}`);
    expect(found).toMatchObject({ ballots: last.length, voters: last.length, engagements: taken });
    expect(found.votes).toEqual([0, 1, 2].map((choice) => last.filter((chosen) => chosen === choice).length));
    expect(found.closings).toMatchObject([
      { tally: { ballots: last.length, choices: found.votes.map((votes) => ({ votes })) } },
    ]);
  }, 120_000);
});
