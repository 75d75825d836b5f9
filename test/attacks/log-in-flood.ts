import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { answer } from '../child.ts';
import { timedPost } from './timed-post.ts';

// Many log-ins in one moment, each over a connection of its own, from a process of their own. Refused, they come back when they are told.

export interface FloodOptions {
  url: string;
  count: number;
  /** Every other guess is at this account, the rest at nobody's. */
  login: string;
  /** Nobody comes back later than this. 0: nobody comes back. */
  comingBackForMs: number;
}

export interface Flooded {
  /** Answered that the password is wrong. */
  judged: number;
  /** How many of the answers had this code, and a time to come back. */
  refused: Record<string, number>;
  /** Answered anything else. */
  strange: unknown[];
  /** Asked once, and once more for each time they came back. */
  asked: number;
  ms: number;
}

async function flood({ url, count, login, comingBackForMs }: FloodOptions): Promise<Flooded> {
  const agent = new Agent({ keepAlive: true, maxSockets: count });
  const startedAt = performance.now();
  const flooded: Flooded = { judged: 0, refused: {}, strange: [], asked: 0, ms: 0 };

  async function guess(place: number): Promise<void> {
    const input = { login: place % 2 === 0 ? login : `nobody_${place}`, password: 'a guess' };
    const query = 'mutation($input: LogInInput!) { logIn(input: $input) { __typename } }';
    for (;;) {
      flooded.asked++;
      const { body } = await timedPost(agent, url, { query, variables: { input } }, '198.51.100.1');
      const { code, retryAfterMs } = body.errors?.[0]?.extensions ?? {};
      if (typeof code !== 'string' || typeof retryAfterMs !== 'number') {
        if (body.data?.logIn?.__typename === 'InvalidCredentialsError') flooded.judged++;
        else flooded.strange.push(body);
        return;
      }
      flooded.refused[code] = (flooded.refused[code] ?? 0) + 1;
      if (performance.now() - startedAt + retryAfterMs > comingBackForMs) return;
      await pause(retryAfterMs);
    }
  }

  await Promise.all(Array.from({ length: count }, (_, place) => guess(place)));
  agent.destroy();
  return { ...flooded, ms: performance.now() - startedAt };
}

answer({ flood });
