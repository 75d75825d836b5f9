import type { Actor } from '../actor.ts';
import type { Data } from '../data.ts';
import { until } from '../wait.ts';

/** What a mutation came to: its payload, or the refusal's code. */
export type Answer = Record<string, Data>;

interface Request {
  urls: readonly string[];
  /** Which of them is asked first. */
  home: number;
  name: string;
  input: object;
  selection?: string;
}

/** Sends a mutation until it is answered: whoever is told to come back does so, at the next instance, with the same input. */
export function askAtLast(actor: Actor, { urls, home, name, input, selection }: Request): Promise<Answer> {
  let attempt = home;
  return settled(() => actor.at(urls[attempt++ % urls.length] ?? '').mutate(name, { ...input }, selection));
}

/** Asks until the server does not say that it is unavailable for the moment. Any other fault is thrown. */
export async function settled<T>(ask: () => Promise<T>): Promise<T> {
  const [answer] = await until(
    () =>
      ask().then(
        (given) => [given] as const,
        (error: Error) => {
          if (error.message.includes('"UNAVAILABLE"')) return null;
          throw error;
        },
      ),
    { limitMs: 30_000, what: 'an answer' },
  );
  return answer;
}
