import type { Transaction } from '../db/client.ts';
import { Prisma } from '../generated/prisma/client.ts';

/** How often a rule pays one user in one event. */
export interface Limits {
  /** Seconds between two payments; 0: none. */
  readonly cooldownSeconds: number;
  /** Payments; null: no limit. */
  readonly maxPerEvent: number | null;
}

/** Somebody did what a rule pays for. */
export interface Earning {
  readonly userId: string;
  readonly rule: Limits & { readonly id: string };
}

/**
 * Tells which of these are within the limits of their rules, and counts them, in their order. One statement, for any number, and none
 * where the rules have no limits: where two instances count for the same user and rule, the second waits for the first, and then finds
 * the cooldown that began with it.
 */
export async function useRules<E extends Earning>(tx: Transaction, eventId: string, earnings: E[]): Promise<E[]> {
  const wanted = new Map<string, Wanted>();
  for (const { rule, userId } of earnings) {
    if (rule.cooldownSeconds === 0 && rule.maxPerEvent === null) continue;
    const known = wanted.get(nameOf(rule.id, userId))?.times ?? 0;
    const most = Math.min(rule.cooldownSeconds > 0 ? 1 : known + 1, rule.maxPerEvent ?? Number.POSITIVE_INFINITY);
    wanted.set(nameOf(rule.id, userId), { ruleId: rule.id, userId, times: Math.min(known + 1, most) });
  }
  if (wanted.size === 0) return earnings;
  const left = await takeTimes(tx, eventId, { wanted: [...wanted.values()], rules: earnings.map(({ rule }) => rule) });
  return earnings.filter(({ rule, userId }) => {
    const name = nameOf(rule.id, userId);
    if (!wanted.has(name)) return true;
    const times = left.get(name) ?? 0;
    left.set(name, times - 1);
    return times > 0;
  });
}

interface Wanted {
  ruleId: string;
  userId: string;
  times: number;
}

const nameOf = (ruleId: string, userId: string): string => `${ruleId} ${userId}`;

/** How often each of them may be paid now; from now on they were. In one order for all. */
async function takeTimes(
  tx: Transaction,
  eventId: string,
  { wanted, rules }: { wanted: readonly Wanted[]; rules: readonly Earning['rule'][] },
): Promise<Map<string, number>> {
  const limits = JSON.stringify(
    Object.fromEntries(rules.map(({ id, cooldownSeconds, maxPerEvent }) => [id, { cooldownSeconds, maxPerEvent }])),
  );
  const isFree = Prisma.sql`(
    COALESCE(u.times < (${limits}::jsonb -> u."ruleId"::text ->> 'maxPerEvent')::int, true)
    AND u."lastAt" + make_interval(secs => (${limits}::jsonb -> u."ruleId"::text ->> 'cooldownSeconds')::int) <= clock_timestamp())`;
  // Looked at first, and then once more behind the row's lock: most of the time most people are within a cooldown, and no row of
  // theirs needs a lock to know that.
  const taken = await tx.$queryRaw<{ ruleId: string; userId: string; lastTimes: number }[]>`
    INSERT INTO "RewardRuleUse" AS u ("ruleId", "eventId", "userId", times, "lastTimes", "lastAt")
    SELECT "ruleId", ${eventId}::uuid, "userId", times, times, clock_timestamp()
    FROM jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) AS w("ruleId" uuid, "userId" uuid, times int)
    WHERE NOT EXISTS (
      SELECT 1 FROM "RewardRuleUse" u
      WHERE u."ruleId" = w."ruleId" AND u."eventId" = ${eventId}::uuid AND u."userId" = w."userId" AND NOT ${isFree})
    ORDER BY "ruleId", "userId"
    ON CONFLICT ("ruleId", "eventId", "userId") DO UPDATE SET
      times = u.times + LEAST(EXCLUDED.times, (${limits}::jsonb -> u."ruleId"::text ->> 'maxPerEvent')::int - u.times),
      "lastTimes" = LEAST(EXCLUDED.times, (${limits}::jsonb -> u."ruleId"::text ->> 'maxPerEvent')::int - u.times),
      "lastAt" = clock_timestamp()
    WHERE ${isFree}
    RETURNING "ruleId", "userId", "lastTimes"`;
  return new Map(taken.map(({ ruleId, userId, lastTimes }) => [nameOf(ruleId, userId), lastTimes]));
}
