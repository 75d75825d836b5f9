import type { Transaction } from '../db/client.ts';
import type { Work } from '../feed/unit-of-work.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { Limits } from './earn-rules.ts';
import { createResting } from './resting.ts';

/** Somebody did what a rule pays for. */
export interface Earning {
  readonly userId: string;
  readonly rule: Limits & { readonly id: string };
}

/**
 * Tells which of these are within the limits of their rules, and counts them, in their order. One statement, for any number, and none
 * where the rules have no limits or everybody is known to rest: where two instances count for the same user and rule, the second waits
 * for the first, and then finds the cooldown that began with it.
 */
export type UseRules = <E extends Earning>(work: Work, eventId: string, earnings: readonly E[]) => Promise<E[]>;

export function createUseRules(): UseRules {
  const resting = createResting();
  return async (work, eventId, earnings) => {
    const due = earnings.filter(
      ({ rule, userId }) => isUnlimited(rule) || !resting.has({ ruleId: rule.id, limits: rule, eventId, userId }),
    );
    const wanted = wantedBy(due);
    if (wanted.size === 0) return due;
    const since = performance.now();
    const uses = await takeTimes(work.tx, eventId, [...wanted.values()]);
    work.afterCommit(() => {
      for (const { ruleId, userId, times, msAgo } of uses) {
        const limits = wanted.get(nameOf(ruleId, userId));
        if (limits !== undefined && times !== null)
          resting.learn({ ruleId, limits, eventId, userId }, { times, msAgo }, since);
      }
    });
    const left = new Map(uses.map(({ ruleId, userId, taken }) => [nameOf(ruleId, userId), taken]));
    return due.filter(({ rule, userId }) => {
      if (isUnlimited(rule)) return true;
      const name = nameOf(rule.id, userId);
      const times = left.get(name) ?? 0;
      left.set(name, times - 1);
      return times > 0;
    });
  };
}

const isUnlimited = ({ cooldownSeconds, maxPerEvent }: Limits): boolean =>
  cooldownSeconds === 0 && maxPerEvent === null;

interface Wanted extends Limits {
  readonly ruleId: string;
  readonly userId: string;
  readonly times: number;
}

const nameOf = (ruleId: string, userId: string): string => `${ruleId} ${userId}`;

function wantedBy(earnings: readonly Earning[]): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const { rule, userId } of earnings) {
    if (isUnlimited(rule)) continue;
    const { id: ruleId, cooldownSeconds, maxPerEvent } = rule;
    const known = wanted.get(nameOf(ruleId, userId))?.times ?? 0;
    const most = Math.min(cooldownSeconds > 0 ? 1 : known + 1, maxPerEvent ?? Number.POSITIVE_INFINITY);
    const times = Math.min(known + 1, most);
    wanted.set(nameOf(ruleId, userId), { ruleId, userId, times, cooldownSeconds, maxPerEvent });
  }
  return wanted;
}

/** How often somebody may be paid now, and what was counted once they are. */
interface Uses {
  ruleId: string;
  userId: string;
  taken: number;
  /** Null: others were faster, and how often is not known. */
  times: number | null;
  /** How long ago the last of them was. */
  msAgo: number;
}

/** How often each of them may be paid now; from now on they were. In one order for all. */
function takeTimes(tx: Transaction, eventId: string, wanted: readonly Wanted[]): Promise<Uses[]> {
  const limit = (name: keyof Limits): Prisma.Sql =>
    Prisma.sql`(SELECT ${Prisma.raw(`"${name}"`)} FROM wanted l WHERE l."ruleId" = u."ruleId" LIMIT 1)`;
  const isFree = Prisma.sql`(COALESCE(u.times < ${limit('maxPerEvent')}, true)
    AND u."lastAt" + make_interval(secs => ${limit('cooldownSeconds')}) <= clock_timestamp())`;
  const more = Prisma.sql`LEAST(EXCLUDED.times, ${limit('maxPerEvent')} - u.times)`;
  // Looked at first, and then once more behind the row's lock: most people are within a cooldown, and no row of theirs needs a lock
  // to know that.
  return tx.$queryRaw`
    WITH wanted AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb)
        AS w("ruleId" uuid, "userId" uuid, times int, "cooldownSeconds" int, "maxPerEvent" int)
    ), seen AS (
      SELECT w."ruleId", w."userId", w.times, u.times AS "usedTimes", u."lastAt", COALESCE(${isFree}, true) AS free
      FROM wanted w
      LEFT JOIN "RewardRuleUse" u ON u."ruleId" = w."ruleId" AND u."eventId" = ${eventId}::uuid AND u."userId" = w."userId"
    ), used AS (
      INSERT INTO "RewardRuleUse" AS u ("ruleId", "eventId", "userId", times, "lastTimes", "lastAt")
      SELECT "ruleId", ${eventId}::uuid, "userId", times, times, clock_timestamp() FROM seen WHERE free
      ORDER BY "ruleId", "userId"
      ON CONFLICT ("ruleId", "eventId", "userId")
      DO UPDATE SET times = u.times + ${more}, "lastTimes" = ${more}, "lastAt" = clock_timestamp() WHERE ${isFree}
      RETURNING "ruleId", "userId", "lastTimes", times
    )
    SELECT s."ruleId", s."userId", COALESCE(n."lastTimes", 0) AS taken,
      CASE WHEN s.free THEN n.times ELSE s."usedTimes" END AS times,
      CASE WHEN s.free THEN 0 ELSE extract(epoch FROM clock_timestamp() - s."lastAt") * 1000 END::float8 AS "msAgo"
    FROM seen s LEFT JOIN used n USING ("ruleId", "userId")`;
}
