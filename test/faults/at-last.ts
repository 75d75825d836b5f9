import { setTimeout as pause } from 'node:timers/promises';
import type { Actor } from '../actor.ts';

/** What a mutation came to. */
export interface AtLast {
  /** `ok`, or the code of the refusal. */
  outcome: string;
  /** 1: at once. */
  attempts: number;
}

/**
 * Sends a mutation as clients do: whoever gets no answer tries again, at the next instance, with the same input and so the same
 * idempotency key. `document` has `$input` and one field, called `done`.
 */
export async function sendAtLast(
  actor: Actor,
  { urls, home, document, input }: { urls: readonly string[]; home: number; document: string; input: object },
): Promise<AtLast> {
  for (let attempts = 1; ; attempts++) {
    const url = urls[(home + attempts - 1) % urls.length] ?? '';
    const answer = await actor
      .at(url)
      .post(document, { input })
      .catch(() => null);
    const done = answer?.data?.done;
    if (done != null) return { outcome: done.code ?? 'ok', attempts };
    const code = answer === null ? 'NETWORK' : answer.errors?.[0]?.extensions?.code;
    if (code !== 'NETWORK' && code !== 'UNAVAILABLE') throw new Error(`it failed: ${JSON.stringify(answer)}`);
    await pause(25);
  }
}
