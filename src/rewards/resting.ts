import type { Limits } from './earn-rules.ts';

/** Whom a rule may pay, and how often. */
export interface Paying {
  readonly ruleId: string;
  readonly limits: Limits;
  readonly eventId: string;
  readonly userId: string;
}

/**
 * Who earns nothing by a rule for now, as far as this instance knows: in a busy event nearly everybody, nearly always, and the database
 * need not say so each time. It may forget somebody, but never holds anybody back whom the database would pay.
 */
export interface Resting {
  has(paying: Paying): boolean;
  /**
   * They were paid so often already, last so long ago. Only of what is committed.
   * @param since when that was read, at the earliest, by `performance.now()`
   */
  learn(paying: Paying, uses: { times: number; msAgo: number }, since: number): void;
}

/** What was learnt is looked up again after this, in ms: the database is the one to know, whatever becomes of it. */
const longestMs = 60_000;

/** Remembered at most; beyond, those learnt first are forgotten. */
const most = 20_000;

export function createResting(now: () => number = () => performance.now()): Resting {
  const until = new Map<string, number>();
  return {
    has(paying) {
      const name = nameOf(paying);
      const end = until.get(name);
      if (end === undefined) return false;
      if (end > now()) return true;
      until.delete(name);
      return false;
    },
    learn(paying, uses, since) {
      const name = nameOf(paying);
      // Behind those that were learnt before.
      until.delete(name);
      const end = since + Math.min(restMs(paying.limits, uses), longestMs);
      if (end <= now()) return;
      if (until.size >= most) until.delete(until.keys().next().value ?? '');
      until.set(name, end);
    },
  };
}

const restMs = (
  { cooldownSeconds, maxPerEvent }: Limits,
  { times, msAgo }: { times: number; msAgo: number },
): number => (maxPerEvent !== null && times >= maxPerEvent ? Number.POSITIVE_INFINITY : cooldownSeconds * 1000 - msAgo);

/** With the limits: a rule that was changed is another one. */
const nameOf = ({ ruleId, limits: { cooldownSeconds, maxPerEvent }, eventId, userId }: Paying): string =>
  `${ruleId} ${cooldownSeconds} ${maxPerEvent} ${eventId} ${userId}`;
