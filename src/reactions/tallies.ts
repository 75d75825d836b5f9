import type { Db, Transaction } from '../db/client.ts';
import type { ReactionCount } from './entries.ts';

/** How often an event was reacted to with an emoji, in all. */
export interface ReactionTally {
  readonly emoji: string;
  readonly total: number;
}

/** A reaction that was taken. */
export interface NewReaction {
  readonly engagementId: string;
  readonly participantId: string;
  readonly emoji: string;
  /** Taps. */
  readonly count: number;
}

/**
 * Logs reactions and adds them to their event's tallies, in one statement. The caller has locked the event's row. Resolves with
 * whether they are the first that the event's feed has not told of; true also for the first of these emoji.
 */
export async function addReactions(
  tx: Transaction,
  eventId: string,
  reactions: readonly NewReaction[],
): Promise<{ isFirst: boolean }> {
  const rows = await tx.$queryRaw<{ unstated: number }[]>`
    WITH given AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(reactions)}::jsonb)
        AS g("engagementId" uuid, "participantId" uuid, emoji text, count int)
    ), engagements AS (
      INSERT INTO "EngagementLog" (id, "participantId", "eventId", "engagementType", "engagementTime", emoji, count)
      SELECT "engagementId", "participantId", ${eventId}::uuid, 'REACTION', moment, emoji, count
      FROM given, clock_timestamp() AS moment
    )
    INSERT INTO "ReactionTally" AS t ("eventId", emoji, total)
    SELECT ${eventId}::uuid, emoji, sum(count) FROM given GROUP BY emoji ORDER BY emoji
    ON CONFLICT ("eventId", emoji) DO UPDATE SET total = t.total + EXCLUDED.total
    RETURNING (total - stated)::float8 AS unstated`;
  const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
  return { isFirst: sum(rows.map(({ unstated }) => unstated)) === sum(reactions.map(({ count }) => count)) };
}

/** What the event's feed has not told yet; from now on it counts as told. The caller has locked the event's row. */
export function takeUnstated(tx: Transaction, eventId: string): Promise<ReactionCount[]> {
  return tx.$queryRaw<ReactionCount[]>`
    WITH told AS (
      UPDATE "ReactionTally" t SET stated = t.total
      FROM (SELECT emoji, stated FROM "ReactionTally" WHERE "eventId" = ${eventId}::uuid AND stated < total) AS before
      WHERE t."eventId" = ${eventId}::uuid AND t.emoji = before.emoji
      RETURNING t.emoji, t.total - before.stated AS count, t.total
    )
    SELECT emoji, count::float8 AS count, total::float8 AS total FROM told ORDER BY emoji`;
}

/** The tallies of each of these events, in one query. Events without any are left out. */
export async function readTallies(db: Db, eventIds: readonly string[]): Promise<Map<string, ReactionTally[]>> {
  const rows = await db.$queryRaw<(ReactionTally & { eventId: string })[]>`
    SELECT "eventId", emoji, total::float8 AS total FROM "ReactionTally"
    WHERE "eventId" = ANY(${[...eventIds]}::uuid[]) ORDER BY emoji`;
  const tallies = new Map<string, ReactionTally[]>();
  for (const { eventId, emoji, total } of rows) {
    const ofEvent = tallies.get(eventId);
    if (ofEvent === undefined) tallies.set(eventId, [{ emoji, total }]);
    else ofEvent.push({ emoji, total });
  }
  return tallies;
}
