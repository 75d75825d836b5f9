import type { Transaction } from '../db/client.ts';
import { inForce } from '../events/access.ts';

/** Somebody did what a rule pays for. */
export interface Earning {
  readonly ruleId: string;
  readonly userId: string;
}

/**
 * Tells which of these the rules pay, and counts them, in their order. Who was banned or has no account any more gets nothing; what is
 * within a cooldown or beyond a maximum is left out. One statement, for any number: where two instances count for the same user and
 * rule, the second waits for the first, and then finds the cooldown that began with it.
 */
export async function useRules<E extends Earning>(
  tx: Transaction,
  eventId: string,
  earnings: readonly E[],
): Promise<E[]> {
  const rows = earnings.map(({ ruleId, userId }, place) => ({ ruleId, userId, place }));
  const paid = await tx.$queryRaw<{ place: number }[]>`
    WITH earned AS (
      SELECT e.*, row_number() OVER (PARTITION BY e."ruleId", e."userId" ORDER BY e.place) AS turn, r."cooldownSeconds",
        r."maxPerEvent", r."cooldownSeconds" > 0 OR r."maxPerEvent" IS NOT NULL AS limited
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS e("ruleId" uuid, "userId" uuid, place int)
      JOIN "RewardRule" r ON r.id = e."ruleId"
      JOIN "User" u ON u.id = e."userId" AND u."deletedAt" IS NULL
      WHERE NOT EXISTS (SELECT 1 FROM "Sanction" s
        WHERE s."eventId" = ${eventId}::uuid AND s."userId" = e."userId" AND s.kind = 'BAN' AND ${inForce})
    ), used AS (
      INSERT INTO "RewardRuleUse" AS u ("ruleId", "eventId", "userId", times, "lastTimes", "lastAt")
      SELECT "ruleId", ${eventId}::uuid, "userId", wanted, wanted, clock_timestamp() FROM (
        SELECT "ruleId", "userId",
          LEAST(CASE WHEN bool_or("cooldownSeconds" > 0) THEN 1 ELSE count(*) END, min("maxPerEvent"))::int AS wanted
        FROM earned WHERE limited GROUP BY "ruleId", "userId"
      ) AS w ORDER BY "ruleId", "userId"
      ON CONFLICT ("ruleId", "eventId", "userId") DO UPDATE SET
        times = u.times + LEAST(EXCLUDED.times, (SELECT r."maxPerEvent" FROM "RewardRule" r WHERE r.id = u."ruleId") - u.times),
        "lastTimes" = LEAST(EXCLUDED.times, (SELECT r."maxPerEvent" FROM "RewardRule" r WHERE r.id = u."ruleId") - u.times),
        "lastAt" = clock_timestamp()
      WHERE EXISTS (SELECT 1 FROM "RewardRule" r WHERE r.id = u."ruleId"
        AND u."lastAt" + make_interval(secs => r."cooldownSeconds") <= clock_timestamp()
        AND (r."maxPerEvent" IS NULL OR u.times < r."maxPerEvent"))
      RETURNING "ruleId", "userId", "lastTimes"
    )
    SELECT e.place FROM earned e LEFT JOIN used u USING ("ruleId", "userId")
    WHERE NOT e.limited OR e.turn <= u."lastTimes"`;
  const places = new Set(paid.map(({ place }) => place));
  return earnings.filter((_, place) => places.has(place));
}
