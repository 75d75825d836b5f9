import { inForce } from '../events/access.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { LeaderboardPeriod } from '../generated/prisma/enums.ts';
import { bucketOf } from './rules.ts';

/** A leaderboard as it is now: an event's, always of ALL_TIME, or a host's. */
export interface Board {
  /** The event or the host. */
  readonly ownerId: string;
  readonly period: LeaderboardPeriod;
}

/** The day on which the period around `moment` began. */
function beganAt(period: LeaderboardPeriod, moment: Prisma.Sql): Prisma.Sql {
  if (period === 'ALL_TIME') return Prisma.sql`DATE '1970-01-01'`;
  const unit = { MONTH: Prisma.sql`'month'`, WEEK: Prisma.sql`'week'`, DAY: Prisma.sql`'day'` }[period];
  return Prisma.sql`date_trunc(${unit}, ${moment} AT TIME ZONE 'UTC')::date`;
}

/** When what counts now began. Of the transaction's time: the same for a whole statement, so that an index serves it. */
export const beganNow = (period: LeaderboardPeriod): Prisma.Sql => beganAt(period, Prisma.sql`now()`);

const paidAt = Prisma.sql`r.timestamp`;

/** Of a row of "Reward" as `r`: the leaderboards it counts on, as a table `b`. */
export const boardsOfReward = Prisma.sql`(VALUES
  (r."eventId", 'ALL_TIME'::"LeaderboardPeriod", ${beganAt('ALL_TIME', paidAt)}),
  (r."hostId", 'ALL_TIME', ${beganAt('ALL_TIME', paidAt)}),
  (r."hostId", 'MONTH', ${beganAt('MONTH', paidAt)}),
  (r."hostId", 'WEEK', ${beganAt('WEEK', paidAt)}),
  (r."hostId", 'DAY', ${beganAt('DAY', paidAt)})) AS b("ownerId", period, since)`;

/** Of rows of "Score" or "ScoreBucket" as `c`: those of the leaderboard. */
export const on = ({ ownerId, period }: Board): Prisma.Sql =>
  Prisma.sql`c."ownerId" = ${ownerId}::uuid AND ${inPeriod(period)}`;

/** Of rows of "Score" as `c`: those of a period as it is now. */
export const inPeriod = (period: LeaderboardPeriod): Prisma.Sql =>
  Prisma.sql`c.period = ${period}::"LeaderboardPeriod" AND c.since = ${beganNow(period)}`;

/** Of rows of "Score" as `c` and "Sanction" as `s`: somebody banned in the event is not on its leaderboard. Hosts' do not ask. */
const banned = Prisma.sql`s."eventId" = c."ownerId" AND s."userId" = c."userId" AND s.kind = 'BAN' AND ${inForce}`;

/** Of rows of "Score" as `c`: those that the leaderboard shows. */
export const shown = Prisma.sql`c.points > 0 AND NOT EXISTS (SELECT 1 FROM "Sanction" s WHERE ${banned})`;

/** How many of the leaderboard there are with this condition on `c`, which leaves out what is not above 0. */
export const countOf = (board: Board, condition: Prisma.Sql): Prisma.Sql => Prisma.sql`(
  (SELECT count(*) FROM "Score" c WHERE ${on(board)} AND ${condition}) - ${bannedOf(board, condition)})::int`;

/** The few who are banned are taken off afterwards: what is counted is one stretch of an index. */
const bannedOf = (board: Board, condition: Prisma.Sql): Prisma.Sql => Prisma.sql`
  (SELECT count(*) FROM "Score" c JOIN "Sanction" s ON ${banned} WHERE ${on(board)} AND ${condition})`;

/** How many have more points than this, above 0: whole buckets, and those of the same bucket one by one. */
export function aheadOf(board: Board, points: number): Prisma.Sql {
  const { bucket, most } = bucketOf(points);
  return Prisma.sql`(
    (SELECT COALESCE(sum(c.people), 0) FROM "ScoreBucket" c WHERE ${on(board)} AND c.bucket > ${bucket}::int)
    + (SELECT count(*) FROM "Score" c WHERE ${on(board)} AND c.points > ${points}::bigint AND c.points <= ${most}::bigint)
    - ${bannedOf(board, Prisma.sql`c.points > ${points}::bigint`)})::int`;
}
