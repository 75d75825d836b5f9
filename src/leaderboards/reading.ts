import { type Profile, profileOf } from '../accounts/profile.ts';
import type { Db, Transaction } from '../db/client.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { LeaderboardPeriod } from '../generated/prisma/enums.ts';
import { aheadOf, type Board, countOf, inPeriod, on, shown } from './board.ts';
import { type Position, withRanks } from './rules.ts';

/** Somebody on a leaderboard. */
export interface LeaderboardEntry {
  /** 1 is the first; equals share one. */
  readonly rank: number;
  readonly points: number;
  readonly profile: Profile;
}

/** The same with what the order among equals is decided by. */
interface PlacedEntry extends LeaderboardEntry {
  readonly reachedAt: Date;
}

interface Row {
  ownerId: string;
  points: number;
  reachedAt: Date;
  id: string;
  username: string;
  displayName: string;
  avatarUrl: string | null;
  deletedAt: Date | null;
}

const columns = Prisma.sql`t."ownerId", t.points::float8 AS points, t."reachedAt", u.id, u.username, u."displayName", u."avatarUrl", u."deletedAt"`;

const entryOf = ({ rank, points, ...user }: Row & { rank: number }): LeaderboardEntry => ({
  rank,
  points,
  profile: profileOf(user),
});

/** The first of each of these leaderboards, in their order, in one query. Those that nobody is on are left out. */
export async function readTops(
  db: Db | Transaction,
  { ownerIds, period, first }: { ownerIds: readonly string[]; period: LeaderboardPeriod; first: number },
): Promise<Map<string, LeaderboardEntry[]>> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT ${columns} FROM unnest(${[...ownerIds]}::uuid[]) AS o(id)
    CROSS JOIN LATERAL (
      SELECT c.* FROM "Score" c WHERE c."ownerId" = o.id AND ${inPeriod(period)} AND ${shown}
      ORDER BY c.points DESC, c."reachedAt", c."userId" LIMIT ${first}) AS t
    JOIN "User" u ON u.id = t."userId"
    ORDER BY t."ownerId", t.points DESC, t."reachedAt", t."userId"`;
  const tops = new Map<string, Row[]>();
  for (const row of rows) {
    const top = tops.get(row.ownerId);
    if (top === undefined) tops.set(row.ownerId, [row]);
    else top.push(row);
  }
  return new Map([...tops].map(([ownerId, top]) => [ownerId, withRanks(top).map(entryOf)]));
}

/** Somebody's entry. Null: they are not on the leaderboard. */
export async function readOwn(db: Db | Transaction, board: Board, userId: string): Promise<PlacedEntry | null> {
  const [row] = await db.$queryRaw<Row[]>`
    SELECT ${columns} FROM "User" u JOIN LATERAL (
      SELECT c.* FROM "Score" c WHERE ${on(board)} AND c."userId" = u.id AND ${shown}) AS t ON true
    WHERE u.id = ${userId}::uuid`;
  if (row === undefined) return null;
  const ahead = await count(db, aheadOf(board, row.points));
  return { ...entryOf({ ...row, rank: ahead + 1 }), reachedAt: row.reachedAt };
}

/** Those just ahead of somebody, they themselves, and those just behind; up to `around` on either side. Nobody where they are not there. */
export function readAround(
  db: Db,
  board: Board,
  { userId, around }: { userId: string; around: number },
): Promise<LeaderboardEntry[]> {
  return db.$transaction(
    async (tx) => {
      const own = await readOwn(tx, board, userId);
      if (own === null) return [];
      const rows = await readRowsAround(tx, board, { own, around });
      return withRanks(rows, await positionOf(tx, board, { own, rows })).map(entryOf);
    },
    // What is counted and what is shown is of one moment.
    { isolationLevel: 'RepeatableRead' },
  );
}

/** Each side is a stretch of the index on either side of the entry: first among its equals, then past them. */
function readRowsAround(
  tx: Transaction,
  board: Board,
  { own, around }: { own: PlacedEntry; around: number },
): Promise<Row[]> {
  const { points, reachedAt, profile } = own;
  const side = (condition: Prisma.Sql, order: Prisma.Sql, most = around): Prisma.Sql => Prisma.sql`
    (SELECT c.* FROM "Score" c WHERE ${on(board)} AND ${shown} AND ${condition} ORDER BY ${order} LIMIT ${most})`;
  const here = Prisma.sql`(${reachedAt}::timestamptz, ${profile.userId}::uuid)`;
  const equal = Prisma.sql`c.points = ${points}::bigint`;
  const [up, down] = [
    Prisma.sql`c.points ASC, c."reachedAt" DESC, c."userId" DESC`,
    Prisma.sql`c.points DESC, c."reachedAt" ASC, c."userId" ASC`,
  ];
  return tx.$queryRaw<Row[]>`
    WITH ahead AS (
      SELECT * FROM (${side(Prisma.sql`${equal} AND (c."reachedAt", c."userId") < ${here}`, up)}
        UNION ALL ${side(Prisma.sql`c.points > ${points}::bigint`, up)}) AS c ORDER BY ${up} LIMIT ${around}
    ), behind AS (
      SELECT * FROM (${side(Prisma.sql`${equal} AND (c."reachedAt", c."userId") >= ${here}`, down, around + 1)}
        UNION ALL ${side(Prisma.sql`c.points < ${points}::bigint`, down)}) AS c ORDER BY ${down} LIMIT ${around + 1}
    )
    SELECT ${columns} FROM (SELECT * FROM ahead UNION ALL SELECT * FROM behind) AS t JOIN "User" u ON u.id = t."userId"
    ORDER BY t.points DESC, t."reachedAt", t."userId"`;
}

/** Where the first of the rows around an entry stands. */
async function positionOf(
  tx: Transaction,
  board: Board,
  { own, rows }: { own: PlacedEntry; rows: readonly Row[] },
): Promise<Position> {
  const here = Prisma.sql`(${own.reachedAt}::timestamptz, ${own.profile.userId}::uuid)`;
  const equalsAhead = Prisma.sql`c.points = ${own.points}::bigint AND (c."reachedAt", c."userId") < ${here}`;
  const before = rows.findIndex(({ id }) => id === own.profile.userId);
  const place = own.rank + (await count(tx, countOf(board, equalsAhead))) - before;
  const points = rows[0]?.points ?? own.points;
  if (points === own.points) return { rank: own.rank, place };
  return { rank: 1 + (await count(tx, aheadOf(board, points))), place };
}

async function count(db: Db | Transaction, counted: Prisma.Sql): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`SELECT ${counted} AS count`;
  if (row === undefined) throw new Error('an aggregate has one row');
  return row.count;
}
