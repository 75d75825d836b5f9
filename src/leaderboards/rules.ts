import type { RewardKind } from '../generated/prisma/enums.ts';

/** Which lines of the ledger are earned, or take back what was. What is bought, staked or comes back changes no score. */
const earnings: Record<RewardKind, boolean> = {
  GRANTED: true,
  REVOKED: true,
  SPENT: false,
  REFUNDED: false,
  EARNED: true,
  STAKED: false,
  WON: false,
  STAKE_RETURNED: false,
  GOAL: true,
};

/** Whether points of this kind count on leaderboards. */
export const isEarned = (kind: RewardKind): boolean => earnings[kind];

/** The kinds that do. */
export const earnedKinds = (Object.keys(earnings) as RewardKind[]).filter(isEarned);

/** How many entries are asked for at a time, and how many on either side of the viewer's own. */
export const boardSize = { usual: 10, most: 100, usualAround: 2, mostAround: 10 } as const;

/** So many of an event's leaderboard are told of their rank. */
export const toldPlaces = 10;

/** Points that are counted together, from the fewest to the most. As the database's function "score_bucket" has it, for points above 0. */
export interface Bucket {
  readonly bucket: number;
  /** The most points in it. */
  readonly most: number;
}

/** Points below 32 have a bucket each; above, every doubling has 16. */
export function bucketOf(points: number): Bucket {
  if (points < 32) return { bucket: points, most: points };
  const exponent = Math.floor(Math.log2(points)) - 4;
  const within = Math.floor(points / 2 ** exponent);
  return { bucket: 16 * exponent + within, most: (within + 1) * 2 ** exponent - 1 };
}

/** Where in the leaderboard something stands: 1 is the first. Of equals `rank` is the same, and `place` is not. */
export interface Position {
  readonly rank: number;
  readonly place: number;
}

/**
 * The ranks of what follows one another in a leaderboard, most points first: equals share a rank, and as many ranks are left out
 * behind them (1, 1, 3).
 * @param first where the first of these stands
 */
export function withRanks<Row extends { readonly points: number }>(
  rows: readonly Row[],
  first: Position = { rank: 1, place: 1 },
): (Row & { readonly rank: number })[] {
  const ranked: (Row & { readonly rank: number })[] = [];
  for (const [index, row] of rows.entries()) {
    const before = ranked.at(-1);
    const rank = before === undefined ? first.rank : before.points === row.points ? before.rank : first.place + index;
    ranked.push({ ...row, rank });
  }
  return ranked;
}

/** Ranks by user. */
export type Ranks = Readonly<Record<string, number>>;

export interface RankChange {
  readonly userId: string;
  /** Null: not among the told places. */
  readonly rank: number | null;
  readonly previousRank: number | null;
}

/** Who is to be told between one moment and the next: those who came, those who moved, and those who are no longer there. */
export function rankChanges(before: Ranks, now: Ranks): RankChange[] {
  const userIds = [...new Set([...Object.keys(now), ...Object.keys(before)])];
  return userIds
    .map((userId) => ({ userId, rank: now[userId] ?? null, previousRank: before[userId] ?? null }))
    .filter(({ rank, previousRank }) => rank !== previousRank);
}
