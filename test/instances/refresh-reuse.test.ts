import { expect, test } from 'vitest';
import { Actor, signUp } from '../actor.ts';
import { useCluster } from '../faults/cluster.ts';
import { EventStream } from '../faults/event-stream.ts';
import { LiveStream } from '../live-stream.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';

const ownFeed = 'subscription { myFeed(after: "none") { __typename } }';

describeRedis('one refresh token, over three instances', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url });

  test('used twenty times at once renews the session once, and ends it: every socket, stream and token of it', async () => {
    const { urls } = cluster;
    const ada = await signUp(urls[0] ?? '');
    const { accessToken, refreshToken } = ada.signedIn;
    const opened = await Promise.all(
      urls.map(async (url) => {
        const socket = LiveStream.open(url, accessToken, ownFeed, {});
        const stream = new EventStream(url, accessToken, ownFeed);
        await Promise.all([socket.has(1), stream.has(1)]);
        return { socket, stream };
      }),
    );
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        new Actor(urls[n % urls.length] ?? '', null).mutate(
          'refreshSession',
          { refreshToken },
          'tokens { accessToken refreshToken sessionId }',
        ),
      ),
    );
    const acknowledged = performance.now();
    const renewed = answers.filter(({ __typename }) => __typename === 'RefreshSessionPayload');
    expect(renewed).toHaveLength(1);
    for (const answer of answers)
      if (answer !== renewed[0]) expect(answer).toMatchObject({ code: 'INVALID_REFRESH_TOKEN' });

    for (const { socket, stream } of opened) {
      await until(() => socket.closeCode !== null && stream.over, { what: 'the end of a socket and a stream' });
      expect(socket.closeCode).toBe(4401);
      expect(stream.results.at(-1).errors[0].extensions.code).toBe('UNAUTHENTICATED');
    }
    console.log(
      `refresh reuse: over everywhere ${Math.round(performance.now() - acknowledged)} ms after the last answer`,
    );
    for (const url of urls) {
      for (const session of [ada.signedIn, { ...ada.signedIn, ...renewed[0].tokens }]) {
        const actor = new Actor(url, session);
        await until(async () => (await actor.refusal('{ viewer { id } }')) === 'UNAUTHENTICATED', {
          what: 'a refusal',
        });
        expect(
          await new Actor(url, null).mutate('refreshSession', { refreshToken: session.refreshToken }),
        ).toMatchObject({ code: 'INVALID_REFRESH_TOKEN' });
      }
    }
    for (const { socket, stream } of opened) {
      stream.close();
      await socket.close();
    }
  });
});
