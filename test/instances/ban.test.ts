import { expect, test } from 'vitest';
import { useBreakableRedis } from '../faults/breakable-redis.ts';
import { useCluster } from '../faults/cluster.ts';
import { EventStream } from '../faults/event-stream.ts';
import { setStage } from '../faults/stage.ts';
import { feedDocument, Watcher } from '../faults/swarm.ts';
import { describeRedis } from '../redis.ts';
import { until } from '../wait.ts';

describeRedis(
  'a ban',
  () => {
    const redis = useBreakableRedis();
    const cluster = useCluster({ redisUrl: () => redis.url });

    test.each([{ Redis: 'works' }, { Redis: 'hangs' }])(
      'on one instance ends the subscriptions of the banned on the others, and their writes are refused by each, while Redis $Redis',
      async ({ Redis }) => {
        const { host, eventId, cursor, participants } = await setStage(cluster, { participants: 2 });
        const [first = '', , third = ''] = cluster.urls;
        const [banned, bystander] = participants;
        if (banned === undefined || bystander === undefined) throw new Error('two people joined');
        const watch = (token: string) => new Watcher({ urls: [third], eventId, after: cursor, token });
        const [theirs, others] = [banned, bystander].map((person) => watch(person.signedIn.accessToken));
        const stream = new EventStream(third, banned.signedIn.accessToken, feedDocument, { eventId, after: cursor });
        await host.at(third).mutate('sendMessage', { eventId, text: 'everybody is here' });
        await until(() => [theirs, others].every((one) => one?.received.length === 1), { what: 'the message' });
        await stream.has(1);

        if (Redis === 'hangs') redis.pause();
        const startedAt = performance.now();
        expect(await host.at(first).mutate('banUser', { eventId, userId: banned.id })).toEqual({
          __typename: 'BanUserPayload',
        });
        await until(() => theirs?.ended !== null && stream.over, { what: 'the end of both' });
        const ms = Math.round(performance.now() - startedAt);
        console.log(`ban, while Redis ${Redis}: subscriptions on another instance over after ${ms} ms`);
        if (Redis === 'hangs') redis.goOn();

        expect(theirs?.ended).toMatchObject([{ extensions: { code: 'SANCTIONED', kind: 'BAN' } }]);
        expect(stream.results.at(-1)?.errors?.[0]?.extensions?.code).toBe('SANCTIONED');
        expect(others?.ended).toBeNull();
        for (const url of cluster.urls) {
          const again = banned.at(url);
          expect(await again.mutate('sendMessage', { eventId, text: 'still here' })).toMatchObject({
            code: 'SANCTIONED',
          });
          expect(await again.mutate('joinVideoEvent', { eventId })).toMatchObject({ code: 'SANCTIONED' });
        }
        await Promise.all([theirs?.close(), others?.close()]);
        stream.close();
      },
    );
  },
  { ownServer: true },
);
