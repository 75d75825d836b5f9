import { type Profile, profileColumns, profileOf } from '../accounts/profile.ts';
import type { Db } from '../db/client.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { Stretch } from './stretch.ts';

export interface ViewerBucket {
  from: Date;
  /** Null: nobody looked within the bucket. */
  average: number | null;
  peak: number | null;
}

export interface EngagementBucket {
  from: Date;
  engagementType: string;
  count: number;
}

export interface RetentionBucket {
  from: Date;
  /** Of those who ever watched, how many were there at the bucket's beginning or later. */
  remaining: number;
  /** The same as a share of all who ever watched, 0 to 1. */
  share: number;
}

export interface Attended {
  /** Who did something. */
  participants: number;
  messages: number;
  /** Null: nobody looked. */
  peakViewers: number | null;
  secondsWatched: number;
}

export interface TopParticipant {
  profile: Profile;
  engagements: number;
}

/** The beginnings of the stretch's buckets, as `b(begin)`. */
const buckets = ({ from, to, bucketSeconds }: Stretch): Prisma.Sql => Prisma.sql`
  generate_series(${from}::timestamptz, ${to}::timestamptz - interval '1 microsecond', make_interval(secs => ${bucketSeconds}::int))
    AS b(begin)`;

export function readViewers(db: Db, eventId: string, stretch: Stretch): Promise<ViewerBucket[]> {
  const { to, bucketSeconds } = stretch;
  return db.$queryRaw<ViewerBucket[]>`
    SELECT b.begin AS "from", avg(s.viewers)::float8 AS average, max(s.viewers) AS peak
    FROM ${buckets(stretch)} LEFT JOIN "ViewerSample" s ON s."eventId" = ${eventId}::uuid AND s."sampledAt" >= b.begin
      AND s."sampledAt" < LEAST(b.begin + make_interval(secs => ${bucketSeconds}::int), ${to}::timestamptz)
    GROUP BY b.begin ORDER BY b.begin`;
}

export function readEngagements(
  db: Db,
  eventId: string,
  { from, to, bucketSeconds }: Stretch,
): Promise<EngagementBucket[]> {
  return db.$queryRaw<EngagementBucket[]>`
    SELECT date_bin(make_interval(secs => ${bucketSeconds}::int), "engagementTime", ${from}::timestamptz) AS "from",
      "engagementType", sum(count)::float8 AS count
    FROM "EngagementLog"
    WHERE "eventId" = ${eventId}::uuid AND "engagementTime" >= ${from} AND "engagementTime" < ${to}
    GROUP BY 1, 2 ORDER BY 1, 2`;
}

export function readRetention(db: Db, eventId: string, stretch: Stretch): Promise<RetentionBucket[]> {
  return db.$queryRaw<RetentionBucket[]>`
    WITH attended AS (SELECT count(*) AS all FROM "Attendance" WHERE "eventId" = ${eventId}::uuid)
    SELECT b.begin AS "from", count(a.*)::int AS remaining,
      COALESCE(count(a.*)::float8 / NULLIF(max(attended.all), 0), 0) AS share
    FROM attended, ${buckets(stretch)}
    LEFT JOIN "Attendance" a ON a."eventId" = ${eventId}::uuid AND a."lastSeenAt" >= b.begin
    GROUP BY b.begin ORDER BY b.begin`;
}

export async function readAttended(db: Db, eventId: string, { from, to }: Stretch): Promise<Attended> {
  const [row] = await db.$queryRaw<Attended[]>`
    SELECT done.participants, done.messages, samples."peakViewers", watched."secondsWatched"
    FROM (SELECT count(DISTINCT "participantId")::int AS participants,
        (count(*) FILTER (WHERE "engagementType" = 'MESSAGE'))::int AS messages
      FROM "EngagementLog"
      WHERE "eventId" = ${eventId}::uuid AND "engagementTime" >= ${from} AND "engagementTime" < ${to}) AS done,
    (SELECT max(viewers) AS "peakViewers" FROM "ViewerSample"
      WHERE "eventId" = ${eventId}::uuid AND "sampledAt" >= ${from} AND "sampledAt" < ${to}) AS samples,
    (SELECT COALESCE(sum("secondsWatched"), 0)::float8 AS "secondsWatched" FROM "Attendance"
      WHERE "eventId" = ${eventId}::uuid) AS watched`;
  if (row === undefined) throw new Error('an aggregate has one row');
  return row;
}

/** Who did most, most first. */
export async function readTopParticipants(
  db: Db,
  eventId: string,
  { from, to, first }: Pick<Stretch, 'from' | 'to'> & { first: number },
): Promise<TopParticipant[]> {
  const rows = await db.$queryRaw<{ userId: string; engagements: number }[]>`
    SELECT p."userId", sum(l.count)::float8 AS engagements
    FROM "EngagementLog" l JOIN "Participant" p ON p.id = l."participantId"
    WHERE l."eventId" = ${eventId}::uuid AND l."engagementTime" >= ${from} AND l."engagementTime" < ${to}
    GROUP BY p."userId" ORDER BY engagements DESC, p."userId" LIMIT ${first}`;
  const users = await db.user.findMany({
    where: { id: { in: rows.map(({ userId }) => userId) } },
    select: profileColumns,
  });
  const profiles = new Map(users.map((user) => [user.id, profileOf(user)]));
  return rows.flatMap(({ userId, engagements }) => {
    const profile = profiles.get(userId);
    return profile === undefined ? [] : [{ profile, engagements }];
  });
}
