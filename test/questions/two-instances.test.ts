import { expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import type { Actor } from '../actor.ts';
import { useCluster } from '../faults/cluster.ts';
import { select } from '../faults/sql.ts';
import { setStage } from '../faults/stage.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { items, kinds } from './scene.ts';

const upvoting = 'mutation($input: UpvoteQuestionInput!) { upvoteQuestion(input: $input) { __typename } }';

/** As clients do: who waits too long for a connection to the database is told to try again. */
async function upvoteAtLast(person: Actor, questionId: string): Promise<string> {
  for (;;) {
    const { data, errors } = await person.post(upvoting, { input: { questionId } });
    if (errors === undefined) return data.upvoteQuestion.__typename;
    if (errors[0]?.extensions?.code !== 'UNAVAILABLE') throw new Error(`no upvote: ${JSON.stringify(errors)}`);
  }
}

describeRedis('questions, over two instances', () => {
  const redis = useRedis();
  const cluster = useCluster({ instances: 2, redisUrl: () => redis.url });

  test('a burst of upvotes of 200 participants, each given twice, counts each once, and is told in batches on every instance', async () => {
    const { host, eventId, participants } = await setStage(cluster, { participants: 200 });
    const { question } = await host.mutate('askQuestion', { eventId, text: 'All of you?' }, 'question { id }');
    const questionId = question.id;
    const streams = await Promise.all(
      cluster.urls.map((url) => host.at(url).follow(eventId, items, { kinds: ['QuestionVotesChanged'] })),
    );
    const startedAt = performance.now();
    const answers = await Promise.all(
      participants.flatMap((person) => cluster.urls.map((url) => upvoteAtLast(person.at(url), questionId))),
    );
    const ms = Math.round(performance.now() - startedAt);
    expect(new Set(answers)).toEqual(new Set(['UpvoteQuestionPayload']));
    const [counts] = await select(
      cluster.databaseUrl,
      `SELECT q.votes, (SELECT count(*)::int FROM "QuestionUpvote" WHERE "questionId" = q.id AND "removedAt" IS NULL) AS rows,
        (SELECT count(*)::int FROM "EngagementLog" WHERE "engagementType" = 'UPVOTE' AND "subjectId" = q.id) AS engagements,
        (SELECT count(*)::int FROM "FeedEntry" WHERE feed = 'event:' || q."eventId" AND kind = 'QuestionVotesChanged') AS facts
       FROM "Question" q WHERE q.id = $1`,
      [decodeGlobalId(questionId).id],
    );
    console.log(`upvotes: ${answers.length} in ${ms} ms, ${counts?.facts} facts, votes ${counts?.votes}`);
    expect(counts).toMatchObject({ votes: 200, rows: 200, engagements: 200 });
    expect(counts?.facts).toBeLessThan(100);
    for (const stream of streams) {
      await until(() => stream.items.at(-1)?.tallies[0].votes === 200, { what: 'the last tally' });
      const told = stream.items.map(({ tallies }) => tallies[0].votes);
      expect(told).toEqual([...told].sort((a, b) => a - b));
      expect(told).toHaveLength(counts?.facts);
    }
    await Promise.all(streams.map((stream) => stream.close()));
  }, 120_000);

  test('what is done on one instance arrives on the other, whole and in order', async () => {
    const { host, eventId, participants } = await setStage(cluster, { participants: 1 });
    const [here = '', there = ''] = cluster.urls;
    const [author] = participants;
    if (author === undefined) throw new Error('nobody joined');
    const watching = await author.at(there).follow(eventId, items, { kinds });
    await host.at(here).mutate('updateVideoEvent', { eventId, questionsPreModerated: true });
    const { question } = await author.at(here).mutate('askQuestion', { eventId, text: 'Here?' }, 'question { id }');
    const questionId = question.id;
    await host.at(here).mutate('approveQuestion', { questionId });
    await author.at(here).mutate('upvoteQuestion', { questionId });
    await host.at(here).mutate('pinQuestion', { questionId });
    await host.at(here).mutate('answerQuestion', { questionId, answer: 'There.' });
    await host.at(here).mutate('unpinQuestion', { eventId });
    await host.at(here).mutate('dismissQuestion', { questionId });
    const told = await watching.has(7);
    expect(told.map(({ __typename }) => __typename)).toEqual([
      'QuestionAsked',
      'QuestionApproved',
      'QuestionVotesChanged',
      'QuestionPinned',
      'QuestionAnswered',
      'QuestionUnpinned',
      'QuestionDismissed',
    ]);
    expect(told[4]).toMatchObject({ question: { text: 'Here?', answer: 'There.', votes: 1, status: 'ANSWERED' } });
    await watching.close();
  });
});
