import { expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import type { Actor } from '../actor.ts';
import { useCluster } from '../faults/cluster.ts';
import { select } from '../faults/sql.ts';
import { crowd, setStage } from '../faults/stage.ts';
import { describeRedis, useRedis } from '../redis.ts';

const joinDocument = `mutation($input: JoinVideoEventInput!) { joinVideoEvent(input: $input) {
  __typename ... on JoinVideoEventPayload { participant { id } } ... on Error { code } } }`;

describeRedis('capacity, over three instances', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url });

  test('of 500 who join at once, exactly as many get in as there are seats', async () => {
    const { eventId } = await setStage(cluster, { participants: 0, input: { capacity: 100 } });
    const people = await crowd(cluster, 500);
    const startedAt = performance.now();
    const answers = await Promise.all(people.map((person) => joinAtLast(person, eventId)));
    const ms = Math.round(performance.now() - startedAt);

    const seated = answers.filter(({ __typename }) => __typename === 'JoinVideoEventPayload');
    const refused = answers.filter(({ code }) => code === 'CAPACITY_REACHED');
    const { id } = decodeGlobalId(eventId);
    const [counts] = await select(
      cluster.databaseUrl,
      `SELECT "seatsTaken" AS seats,
        (SELECT count(*)::int FROM "Participant" WHERE "eventId" = $1 AND "leftAt" IS NULL AND "userId" <> "hostId") AS rows,
        (SELECT count(*)::int FROM "FeedEntry" WHERE feed = 'event:' || $1 AND kind = 'ParticipantJoined') AS facts
       FROM "VideoEvent" WHERE id = $1`,
      [id],
    );
    console.log(
      `capacity: ${seated.length} of ${answers.length} got in, ${refused.length} CapacityError, rows ${counts?.rows}, in ${ms} ms`,
    );
    expect(new Set(seated.map(({ participant }) => participant.id)).size).toBe(100);
    expect(refused).toHaveLength(400);
    expect(counts).toEqual({ seats: 100, rows: 100, facts: 100 });
  }, 120_000);

  test('seats that are given up and taken at the same time never exceed the capacity', async () => {
    const { eventId } = await setStage(cluster, { participants: 0, input: { capacity: 10 } });
    const people = await crowd(cluster, 40);
    const { id } = decodeGlobalId(eventId);
    await Promise.all(
      people.map(async (person) => {
        for (let turn = 0; turn < 3; turn++) {
          await joinAtLast(person, eventId);
          await person.mutate('leaveVideoEvent', { eventId });
        }
        await joinAtLast(person, eventId);
      }),
    );
    const [counts] = await select(
      cluster.databaseUrl,
      `SELECT "seatsTaken" AS seats,
        (SELECT count(*)::int FROM "Participant" WHERE "eventId" = $1 AND "leftAt" IS NULL AND "userId" <> "hostId") AS rows
       FROM "VideoEvent" WHERE id = $1`,
      [id],
    );
    expect(counts?.seats).toBe(counts?.rows);
    expect(counts?.seats).toBeLessThanOrEqual(10);
  }, 120_000);
});

/** As clients do: who waits too long for a connection to the database is told to try again. */
async function joinAtLast(person: Actor, eventId: string) {
  for (;;) {
    const { data, errors } = await person.post(joinDocument, { input: { eventId } });
    if (errors === undefined) return data.joinVideoEvent;
    if (errors[0]?.extensions?.code !== 'UNAVAILABLE') throw new Error(`joining failed: ${JSON.stringify(errors)}`);
  }
}
