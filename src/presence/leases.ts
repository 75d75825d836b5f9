import type { Db, Transaction } from '../db/client.ts';

/** A participant with a subscription on their event. */
export interface Present {
  readonly eventId: string;
  readonly participantId: string;
}

/** An instance that renews its lease no more is gone after this, in ms, and whoever it told to be present with it. */
export const leaseMs = 30_000;

/** The instance is there for another lease. Resolves with whether it was known: if not, nobody is present at it. */
export async function renewLease(db: Db, instanceId: string, ms: number): Promise<boolean> {
  const [lease] = await db.$queryRaw<{ known: boolean }[]>`
    INSERT INTO "Instance" AS i (id, "expiresAt")
    VALUES (${instanceId}::uuid, clock_timestamp() + make_interval(secs => ${ms / 1000}::float8))
    ON CONFLICT (id) DO UPDATE SET "expiresAt" = EXCLUDED."expiresAt"
    RETURNING xmax <> 0 AS known`;
  return lease?.known ?? false;
}

/** These are present at the instance. Who holds no place any more is left out. */
export async function addPresent(db: Db, instanceId: string, present: readonly Present[]): Promise<void> {
  if (present.length === 0) return;
  await db.$executeRaw`
    INSERT INTO "Presence" ("participantId", "instanceId", "eventId")
    SELECT p.id, ${instanceId}::uuid, p."eventId"
    FROM jsonb_to_recordset(${JSON.stringify(present)}::jsonb) AS c("participantId" uuid, "eventId" uuid)
    JOIN "Participant" p ON p.id = c."participantId" AND p."eventId" = c."eventId"
    ORDER BY p.id ON CONFLICT DO NOTHING`;
}

/** These are not present at the instance any more. */
export async function removePresent(db: Db, instanceId: string, gone: readonly Present[]): Promise<void> {
  if (gone.length === 0) return;
  await db.$executeRaw`
    DELETE FROM "Presence" WHERE "instanceId" = ${instanceId}::uuid
      AND "participantId" = ANY(${gone.map(({ participantId }) => participantId)}::uuid[])`;
}

/** How many participants are present in each of these events; who is at two instances counts once. Events without any are left out. */
export async function countPresent(db: Db, eventIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await db.$queryRaw<{ eventId: string; count: number }[]>`
    SELECT p."eventId", count(DISTINCT p."participantId")::int AS count
    FROM "Presence" p JOIN "Instance" i ON i.id = p."instanceId" AND i."expiresAt" > clock_timestamp()
    WHERE p."eventId" = ANY(${[...eventIds]}::uuid[]) GROUP BY p."eventId"`;
  return new Map(rows.map(({ eventId, count }) => [eventId, count]));
}

/** The users who are present in an event, but for its host. */
export async function presentUsers(tx: Transaction, eventId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ userId: string }[]>`
    SELECT DISTINCT s."userId" FROM "Presence" p JOIN "Instance" i ON i.id = p."instanceId" AND i."expiresAt" > clock_timestamp()
    JOIN "Participant" s ON s.id = p."participantId" AND s."leftAt" IS NULL
    JOIN "User" u ON u.id = s."userId" AND u."deletedAt" IS NULL
    JOIN "VideoEvent" e ON e.id = p."eventId" AND e."hostId" <> s."userId"
    WHERE p."eventId" = ${eventId}::uuid ORDER BY s."userId"`;
  return rows.map(({ userId }) => userId);
}

/** Forgets instances whose lease is long over, and who was present at them. */
export const forgetInstances = (db: Db): Promise<number> =>
  db.$executeRaw`
    DELETE FROM "Instance" WHERE "expiresAt" < clock_timestamp() - make_interval(secs => ${leaseMs / 1000}::float8)`;
