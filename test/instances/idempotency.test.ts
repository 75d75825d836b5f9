import { expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import type { Actor } from '../actor.ts';
import { useCluster } from '../faults/cluster.ts';
import { readLog } from '../faults/oracle.ts';
import { select } from '../faults/sql.ts';
import { setStage } from '../faults/stage.ts';
import { describeRedis, useRedis } from '../redis.ts';

describeRedis('one idempotency key, over three instances', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url });

  /** The same call fifty times at once, in turns at each instance. */
  const fiftyTimes = (person: Actor, mutation: string, input: Record<string, unknown>, selection: string) =>
    Promise.all(
      Array.from({ length: 50 }, (_, call) =>
        person.at(cluster.urls[call % cluster.urls.length] ?? '').mutate(mutation, input, selection),
      ),
    );

  test('a message sent fifty times at once is one message, one engagement and one fact, with fifty equal answers', async () => {
    const { eventId, participants } = await setStage(cluster, { participants: 1 });
    const [author] = participants;
    if (author === undefined) throw new Error('somebody joined');
    const answers = await fiftyTimes(
      author,
      'sendMessage',
      { eventId, text: 'once', idempotencyKey: 'the-key' },
      'sentMessage { id sequence text sentAt author { username } }',
    );
    const [counts] = await select(
      cluster.databaseUrl,
      `SELECT (SELECT count(*)::int FROM "Message" WHERE "eventId" = $1) AS messages,
              (SELECT count(*)::int FROM "EngagementLog" WHERE "eventId" = $1 AND "engagementType" = 'MESSAGE') AS engagements`,
      [decodeGlobalId(eventId).id],
    );
    const facts = (await readLog(cluster.databaseUrl, eventId)).filter(({ kind }) => kind === 'MessageSent');
    const distinct = new Set(answers.map((answer) => JSON.stringify(answer)));
    console.log(
      `idempotency: ${answers.length} sendMessage, ${distinct.size} distinct answer, ${counts?.messages} message, ${facts.length} fact`,
    );
    expect(answers[0]).toMatchObject({ __typename: 'SendMessagePayload', sentMessage: { text: 'once' } });
    expect(distinct.size).toBe(1);
    expect(counts).toEqual({ messages: 1, engagements: 1 });
    expect(facts).toHaveLength(1);
  });

  test('an event created fifty times at once is one event, with fifty equal answers', async () => {
    const { host } = await setStage(cluster, { participants: 0 });
    const answers = await fiftyTimes(
      host,
      'createVideoEvent',
      { title: 'Only once', scheduledAt: '2030-01-01T00:00:00.000Z', idempotencyKey: 'the-key' },
      'videoEvent { id title createdAt }',
    );
    const rows = await select(cluster.databaseUrl, `SELECT id FROM "VideoEvent" WHERE title = 'Only once'`);
    const distinct = new Set(answers.map((answer) => JSON.stringify(answer)));
    console.log(
      `idempotency: ${answers.length} createVideoEvent, ${distinct.size} distinct answer, ${rows.length} event`,
    );
    expect(answers[0]).toMatchObject({ videoEvent: { title: 'Only once' } });
    expect(distinct.size).toBe(1);
    expect(rows).toHaveLength(1);
  });
});
