import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linesOf, shareOut, type WinningStake } from '../../src/predictions/sharing.ts';

/** Small numbers, where remainders are equal, and large ones, whose products pass 2^53. */
const amount = fc.oneof(fc.bigInt({ min: 1n, max: 9n }), fc.bigInt({ min: 1n, max: 10n ** 13n }));
const winnersOf = (stakes: readonly bigint[]): WinningStake[] =>
  stakes.map((points, place) => ({ userId: `user ${place}`, points, turn: BigInt(place) }));
const winners = fc.array(amount, { minLength: 1, maxLength: 40 }).map(winnersOf);
const sum = (amounts: Iterable<bigint>): bigint => [...amounts].reduce((all, one) => all + one, 0n);

test('the shares are the pot, nobody gets less than their stake, and who staked more never gets less', () => {
  fc.assert(
    fc.property(winners, fc.oneof(fc.constant(0n), amount), (won, lost) => {
      const pot = sum(won.map(({ points }) => points)) + lost;
      const shares = shareOut(pot, won);
      expect(shares.size).toBe(won.length);
      expect(sum(shares.values())).toBe(pot);
      for (const { userId, points } of won) expect(shares.get(userId)).toBeGreaterThanOrEqual(points);
      const bySize = won
        .toSorted((a, b) => Number(a.points - b.points))
        .map(({ points, userId }) => ({ points, userId }));
      for (const [place, { points, userId }] of bySize.entries()) {
        const less = bySize[place - 1];
        if (less === undefined || less.points === points) continue;
        expect(shares.get(userId)).toBeGreaterThanOrEqual(shares.get(less.userId) ?? 0n);
      }
    }),
  );
});

test('no share is further than a point from what is due in proportion', () => {
  fc.assert(
    fc.property(winners, amount, (won, lost) => {
      const staked = sum(won.map(({ points }) => points));
      const pot = staked + lost;
      const shares = shareOut(pot, won);
      for (const { userId, points } of won) {
        const off = (shares.get(userId) ?? 0n) * staked - points * pot;
        expect(off < 0n ? -off : off).toBeLessThan(staked);
      }
    }),
  );
});

test('the order in which winners are given says nothing', () => {
  const shuffled = winners.chain((won) =>
    fc.tuple(fc.constant(won), fc.shuffledSubarray(won, { minLength: won.length }), amount),
  );
  fc.assert(
    fc.property(shuffled, ([won, mixed, lost]) => {
      const pot = sum(won.map(({ points }) => points)) + lost;
      const sorted = (shares: Map<string, bigint>) => [...shares].sort(([a], [b]) => a.localeCompare(b));
      expect(sorted(shareOut(pot, mixed))).toEqual(sorted(shareOut(pot, won)));
    }),
  );
});

test('what is left over goes to the largest remainders, and among equal ones to who staked first', () => {
  const shares = (pot: bigint, stakes: bigint[]) =>
    [...winnersOf(stakes)].map(({ userId }) => shareOut(pot, winnersOf(stakes)).get(userId));
  expect(shares(10n, [1n, 1n, 1n])).toEqual([4n, 3n, 3n]);
  expect(shares(11n, [1n, 1n, 1n])).toEqual([4n, 4n, 3n]);
  // 10/7, 20/7 and 40/7: remainders of 3, 6 and 5.
  expect(shares(10n, [1n, 2n, 4n])).toEqual([1n, 3n, 6n]);
  expect(shareOut(5n, [])).toEqual(new Map());
});

test('a payout beyond 32 bits is lines that fit, and nothing is lost', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 40n }), (payout) => {
      const lines = linesOf(payout);
      expect(sum(lines.map(BigInt))).toBe(payout);
      for (const line of lines) expect(line).toBeLessThan(2 ** 31);
      for (const line of lines) expect(line).toBeGreaterThan(0);
    }),
  );
  expect(linesOf(7n)).toEqual([7]);
});
