import { Agent } from 'node:http';
import { answer } from '../child.ts';
import { timedPost } from './timed-post.ts';

// Many log-ins in one moment, each over a connection of its own, from a process of their own.

export interface FloodOptions {
  url: string;
  count: number;
  /** Every other guess is at this account, the rest at nobody's. */
  login: string;
}

export interface Flooded {
  /** Answered that the password is wrong. */
  judged: number;
  /** How many of the others were given this code, and a time to come back. */
  refused: Record<string, number>;
  /** Answered anything else. */
  strange: unknown[];
  lastRefusalMs: number;
  ms: number;
}

async function flood({ url, count, login }: FloodOptions): Promise<Flooded> {
  const agent = new Agent({ keepAlive: true, maxSockets: count });
  const startedAt = performance.now();
  const answers = await Promise.all(
    Array.from({ length: count }, (_, n) => {
      const input = { login: n % 2 === 0 ? login : `nobody_${n}`, password: 'a guess' };
      const query = 'mutation($input: LogInInput!) { logIn(input: $input) { __typename } }';
      return timedPost(agent, url, { query, variables: { input } }, '198.51.100.1');
    }),
  );
  const flooded: Flooded = {
    judged: 0,
    refused: {},
    strange: [],
    lastRefusalMs: 0,
    ms: performance.now() - startedAt,
  };
  for (const { body, ms } of answers) {
    const { code, retryAfterMs } = body.errors?.[0]?.extensions ?? {};
    if (body.data?.logIn?.__typename === 'InvalidCredentialsError') flooded.judged++;
    else if (typeof code === 'string' && typeof retryAfterMs === 'number') {
      flooded.refused[code] = (flooded.refused[code] ?? 0) + 1;
      flooded.lastRefusalMs = Math.max(flooded.lastRefusalMs, ms);
    } else flooded.strange.push(body);
  }
  agent.destroy();
  return flooded;
}

answer({ flood });
