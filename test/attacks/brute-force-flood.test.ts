import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createEvent, signUp } from '../actor.ts';
import { useCluster } from '../faults/cluster.ts';
import { describeRedis, useRedis } from '../redis.ts';

interface Answer {
  ms: number;
  status: number;
  body: { data?: Record<string, { __typename?: string } | null>; errors?: { extensions: Record<string, unknown> }[] };
}

/** One POST over kept connections, and how long it took. `from`: the address that the proxy in front of the server names. */
function post(agent: Agent, url: string, body: object, from: string): Promise<Answer> {
  const text = JSON.stringify(body);
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    request(`${url}/graphql`, {
      agent,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        'x-forwarded-for': from,
      },
    })
      .on('error', reject)
      .on('response', (response) => {
        let answer = '';
        response
          .setEncoding('utf8')
          .on('data', (part) => {
            answer += part;
          })
          .on('end', () =>
            resolve({ ms: performance.now() - startedAt, status: response.statusCode ?? 0, body: JSON.parse(answer) }),
          );
      })
      .end(text);
  });
}

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;

describeRedis('500 log-ins at once', () => {
  const redis = useRedis();
  // No rate limit stands before the queue of hashes here: in production ten of these would reach it.
  const cluster = useCluster({ instances: 1, redisUrl: () => redis.url, env: { TRUST_PROXY: 'true' } });

  test('are each answered, served or with a time to come back, while other traffic goes on', async () => {
    const { url } = cluster.instance(0);
    const host = await signUp(url, { role: 'HOST' });
    const eventId = await createEvent(host);
    const query = {
      query: 'query($id: ID!) { videoEvent(id: $id) { title status } }',
      variables: { id: eventId },
    };
    const others = new Agent({ keepAlive: true, maxSockets: 16 });
    const flooders = new Agent({ keepAlive: true, maxSockets: 500 });

    /** Other traffic, one request every 20 ms, until `end` says so. */
    async function traffic(end: () => boolean): Promise<Answer[]> {
      const sent: Promise<Answer>[] = [];
      while (!end()) {
        sent.push(post(others, url, query, '192.0.2.1'));
        await pause(20);
      }
      return Promise.all(sent);
    }

    const logIn = (login: string) =>
      post(
        flooders,
        url,
        {
          query: 'mutation($input: LogInInput!) { logIn(input: $input) { __typename } }',
          variables: { input: { login, password: 'a guess' } },
        },
        '198.51.100.1',
      );
    const forMs = (ms: number) => {
      const until = performance.now() + ms;
      return () => performance.now() > until;
    };

    await traffic(forMs(1500));
    const idle = await traffic(forMs(4000));

    let flooding = true;
    const during = traffic(() => !flooding);
    const startedAt = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, n) => logIn(n % 2 === 0 ? host.signedIn.username : `nobody_${n}`)),
    );
    const floodMs = performance.now() - startedAt;
    flooding = false;
    const disturbed = await during;

    const refused = answers.filter(({ body }) =>
      ['UNAVAILABLE', 'RATE_LIMITED'].includes(String(body.errors?.[0]?.extensions.code)),
    );
    const judged = answers.filter(({ body }) => body.data?.logIn?.__typename === 'InvalidCredentialsError');
    const p99 = [idle, disturbed].map((part) =>
      percentile(
        part.map(({ ms }) => ms),
        0.99,
      ),
    );
    const p50 = [idle, disturbed].map((part) =>
      percentile(
        part.map(({ ms }) => ms),
        0.5,
      ),
    );
    console.log(
      `500 log-ins in ${Math.round(floodMs)} ms: ${judged.length} judged, ${refused.length} refused (the last after ` +
        `${Math.round(Math.max(...refused.map(({ ms }) => ms)))} ms); other traffic p50 ${p50[0]?.toFixed(1)} -> ` +
        `${p50[1]?.toFixed(1)} ms, p99 ${p99[0]?.toFixed(1)} -> ${p99[1]?.toFixed(1)} ms (${disturbed.length} requests)`,
    );

    expect(judged.length + refused.length).toBe(500);
    // As many as the queue holds, at the least.
    expect(judged.length).toBeGreaterThanOrEqual(64);
    expect(refused.length).toBeGreaterThan(0);
    for (const { body } of refused) {
      expect(body.errors?.[0]?.extensions).toMatchObject({ retryAfterMs: expect.any(Number) });
    }
    for (const { status, body } of [...idle, ...disturbed]) {
      expect([status, body.errors]).toEqual([200, undefined]);
    }
    others.destroy();
    flooders.destroy();
  }, 60_000);
});
