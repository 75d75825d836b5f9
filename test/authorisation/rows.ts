import type { TestServer } from '../harness.ts';

/** The events, and how many rows there are of everything else that a client can write: those that count, where some stay. */
export async function rowsOf({ app: { db } }: TestServer): Promise<unknown> {
  const [rows] = await db.$queryRaw<unknown[]>`SELECT
    (SELECT count(*)::int FROM "User" WHERE "deletedAt" IS NULL) AS users,
    (SELECT count(*)::int FROM "Session" WHERE "revokedAt" IS NULL) AS sessions,
    (SELECT count(*)::int FROM "RefreshToken" WHERE "usedAt" IS NULL) AS tokens,
    (SELECT string_agg(md5(e::text), ' ' ORDER BY id) FROM "VideoEvent" e) AS events,
    (SELECT count(*)::int FROM "Participant" WHERE "leftAt" IS NULL) AS participants,
    (SELECT count(*)::int FROM "Message" WHERE "removedAt" IS NULL) AS messages,
    (SELECT count(*)::int FROM "EngagementLog") AS engagements,
    (SELECT count(*)::int FROM "EventInvite") AS invites,
    (SELECT count(*)::int FROM "EventModerator") AS moderators,
    (SELECT count(*)::int FROM "Sanction" WHERE "liftedAt" IS NULL) AS sanctions,
    (SELECT count(*)::int FROM "ModerationAction") AS actions,
    (SELECT count(*)::int FROM "Feed") AS feeds,
    (SELECT count(*)::int FROM "FeedEntry") AS entries,
    (SELECT count(*)::int FROM "IdempotencyKey") AS keys`;
  return rows;
}
