/** What somebody staked on the outcome that came true. */
export interface WinningStake {
  readonly userId: string;
  /** At least 1. */
  readonly points: bigint;
  /** Lower: they staked earlier. No two are the same. */
  readonly turn: bigint;
}

/**
 * Shares the pot among the winners in proportion to what they staked: whole points, the sum of which is the pot. What whole points
 * leave over goes to the largest remainders, one each, and among equal ones to who staked first. Nobody gets less than they
 * staked, since the pot holds all their stakes. The order in which the winners are given says nothing.
 *
 * Products of points pass 2^53, hence bigint.
 */
export function shareOut(pot: bigint, winners: readonly WinningStake[]): Map<string, bigint> {
  const staked = winners.reduce((sum, { points }) => sum + points, 0n);
  if (staked === 0n) return new Map();
  const shares = winners.map(({ userId, points, turn }) => ({
    userId,
    turn,
    share: (points * pot) / staked,
    remainder: (points * pot) % staked,
  }));
  const over = pot - shares.reduce((sum, { share }) => sum + share, 0n);
  shares.sort((a, b) => compare(b.remainder, a.remainder) || compare(a.turn, b.turn));
  return new Map(shares.map(({ userId, share }, place) => [userId, share + (BigInt(place) < over ? 1n : 0n)]));
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** Points in one line of the ledger: it keeps them in 32 bits. */
const mostInLine = 2_000_000_000n;

/** A payout as lines of the ledger: mostly one. */
export function linesOf(payout: bigint): number[] {
  const lines: number[] = [];
  for (let left = payout; left > 0n; left -= mostInLine) lines.push(Number(left < mostInLine ? left : mostInLine));
  return lines;
}
