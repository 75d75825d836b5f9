import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Actor } from '../actor.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { useCluster } from './cluster.ts';
import { setStage } from './stage.ts';
import { feedDocument, Watcher } from './swarm.ts';

/** On the instance that is killed. */
const viewers = 1000;

describeRedis('an instance is killed that a thousand viewers were present at', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url });

  test('the count never falters while they reconnect, and is right within 35 s for those who do not', async () => {
    const { host, eventId, cursor, participants } = await setStage(cluster, { participants: viewers });
    const [first = '', second = '', third = ''] = cluster.urls;
    // A half comes back to another instance, a half is gone for good.
    const watch = (person: Actor, urls: string[]) =>
      new Watcher({ urls, eventId, after: cursor, token: person.signedIn.accessToken });
    const loyal = participants.slice(0, viewers / 2).map((person, n) => watch(person, [third, n % 2 ? first : second]));
    const fickle = participants
      .slice(viewers / 2)
      .map((person) => person.at(third).subscribe(feedDocument, { eventId, after: cursor }));
    const pulse = host.at(first).subscribe('subscription($id: ID!) { videoEventPulse(eventId: $id) { viewerCount } }', {
      id: eventId,
    });
    const told = (): number[] => pulse.items.map((item) => item?.viewerCount);
    await until(() => told().at(-1) === viewers, { what: 'everybody to be present', limitMs: 60_000 });
    const before = told().length;

    const killedAt = performance.now();
    await cluster.instance(2).kill();
    await until(() => loyal.every(({ connections }) => connections > 1), {
      what: 'half of them back',
      limitMs: 30_000,
    });
    const backMs = Math.round(performance.now() - killedAt);
    await until(() => told().at(-1) === viewers / 2, { what: 'the right count', limitMs: 60_000 });
    const rightMs = Math.round(performance.now() - killedAt);
    // Nothing more changes: who came back is here to stay.
    await pause(6000);
    const counts = told().slice(before);
    console.log(
      `presence: half were back after ${backMs} ms, the count was right after ${rightMs} ms: ${counts.join(', ')}`,
    );

    expect(counts.at(-1)).toBe(viewers / 2);
    // Never below what is true, and never up again: nobody who is here is missed for a moment.
    expect(counts.every((count) => count >= viewers / 2)).toBe(true);
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
    expect(rightMs).toBeLessThan(35_000);
    for (const url of [first, second]) {
      const { videoEvent } = await host
        .at(url)
        .ask('query($id: ID!) { videoEvent(id: $id) { viewerCount } }', { id: eventId });
      expect(videoEvent.viewerCount).toBe(viewers / 2);
    }
    await Promise.all([...loyal, ...fickle, pulse].map((one) => one.close()));
  }, 180_000);
});
