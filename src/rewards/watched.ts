import type { Db, Transaction } from '../db/client.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import type { Round } from '../jobs/jobs.ts';
import { type Pay, type PayingRule, payingRules } from './earn.ts';

const everySeconds = 30;

/** What nobody looked at for so long was not watched, in seconds: the rounds stood still, or the viewer was away. */
const longestGap = 2 * everySeconds;

/** Participants whose time is counted and paid in one transaction. */
const atATime = 500;

/**
 * Counts how long participants are present in live events that pay for it, and pays for every whole stretch. Who is present at several
 * instances, or in several tabs, is present once; should two rounds meet, the second counts from where the first one came to.
 */
export const createWatching = ({ db, write, pay }: { db: Db; write: Write; pay: Pay }): Round => ({
  name: 'reward.watch',
  everyMs: everySeconds * 1000,
  async run() {
    for (const eventId of await payingEvents(db)) {
      for (let after: string | null = null; ; ) {
        const counted: string[] = await write((work) => countAndPay(work, eventId, { after, pay }));
        if (counted.length < atATime) break;
        after = counted.at(-1) ?? null;
      }
    }
  },
});

async function payingEvents(db: Db): Promise<string[]> {
  const events = await db.$queryRaw<{ id: string }[]>`
    SELECT e.id FROM "VideoEvent" e WHERE e.status = 'LIVE' AND EXISTS (SELECT 1 FROM "RewardRule" r
      WHERE r."hostId" = e."hostId" AND (r."eventId" IS NULL OR r."eventId" = e.id)
        AND r.trigger = 'MINUTES_WATCHED' AND r."archivedAt" IS NULL)
    ORDER BY e.id`;
  return events.map(({ id }) => id);
}

/** The next participants who are present, and what they earned by it. Resolves with their users' ids, in order. */
async function countAndPay(
  work: Work,
  eventId: string,
  { after, pay }: { after: string | null; pay: Pay },
): Promise<string[]> {
  const { tx } = work;
  const rules = await payingRules(tx, eventId, ['MINUTES_WATCHED']);
  if (rules.length === 0) return [];
  const userIds = await countTime(tx, eventId, { rules, after });
  const ruleOf = new Map(rules.map((rule) => [rule.id, rule]));
  const completed = await takeStretches(tx, eventId, { rules, userIds });
  const payments = completed.flatMap(({ ruleId, userId, stretches }) => {
    const rule = ruleOf.get(ruleId);
    return rule === undefined ? [] : [{ rule, userId, subject: `${userId}:${eventId}:${stretches}` }];
  });
  await pay(work, eventId, payments);
  return userIds;
}

/** Adds the time since each of them was seen last. */
async function countTime(
  tx: Transaction,
  eventId: string,
  { rules, after }: { rules: readonly PayingRule[]; after: string | null },
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ userId: string }[]>`
    WITH present AS (
      SELECT DISTINCT p."userId" FROM "Presence" x
      JOIN "Instance" i ON i.id = x."instanceId" AND i."expiresAt" > clock_timestamp()
      JOIN "Participant" p ON p.id = x."participantId" AND p."leftAt" IS NULL
      JOIN "VideoEvent" e ON e.id = x."eventId" AND e.status = 'LIVE' AND e."hostId" <> p."userId"
      WHERE x."eventId" = ${eventId}::uuid AND (${after}::uuid IS NULL OR p."userId" > ${after}::uuid)
      ORDER BY p."userId" LIMIT ${atATime}
    ), counted AS (
      INSERT INTO "WatchedTime" AS w ("ruleId", "eventId", "userId", "seenAt")
      SELECT rule.id, ${eventId}::uuid, present."userId", clock_timestamp()
      FROM present, unnest(${rules.map(({ id }) => id)}::uuid[]) AS rule(id) ORDER BY rule.id, present."userId"
      ON CONFLICT ("ruleId", "eventId", "userId") DO UPDATE SET
        seconds = w.seconds + CASE WHEN EXCLUDED."seenAt" - w."seenAt" > make_interval(secs => ${longestGap}) THEN 0
          ELSE GREATEST(0, extract(epoch FROM EXCLUDED."seenAt" - w."seenAt")) END,
        "seenAt" = GREATEST(w."seenAt", EXCLUDED."seenAt")
    )
    SELECT "userId" FROM present ORDER BY "userId"`;
  return rows.map(({ userId }) => userId);
}

/** Stretches that are whole now: one of each, for rounds are closer together than the shortest there is. */
function takeStretches(
  tx: Transaction,
  eventId: string,
  { rules, userIds }: { rules: readonly PayingRule[]; userIds: readonly string[] },
): Promise<{ ruleId: string; userId: string; stretches: number }[]> {
  const lengths = rules.map(({ id, minutes }) => ({ ruleId: id, seconds: (minutes ?? 0) * 60 }));
  return tx.$queryRaw`
    UPDATE "WatchedTime" w SET stretches = w.stretches + 1
    FROM jsonb_to_recordset(${JSON.stringify(lengths)}::jsonb) AS r("ruleId" uuid, seconds int)
    WHERE w."ruleId" = r."ruleId" AND w."eventId" = ${eventId}::uuid AND w."userId" = ANY(${[...userIds]}::uuid[])
      AND w.seconds >= (w.stretches + 1) * r.seconds
    RETURNING w."ruleId", w."userId", w.stretches`;
}
