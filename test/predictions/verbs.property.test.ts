import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Viewer } from '../../src/auth/viewer.ts';
import { DomainError } from '../../src/errors.ts';
import { createWrite } from '../../src/feed/unit-of-work.ts';
import { createPredictions, type Predictions } from '../../src/predictions/predictions.ts';
import { createPeople } from '../authorisation/people.ts';
import { useServer } from '../harness.ts';
import { settled } from './prediction.ts';

const server = useServer();
const stakerNames = ['ada', 'bob', 'carol', 'dora'] as const;
const purse = 60;
let host: Viewer;
let stakers: Viewer[];
let eventId: string;
/** Two that know nothing of each other, as on two instances. */
let instances: readonly [Predictions, Predictions];

beforeAll(async () => {
  const role = 'PARTICIPANT';
  const people = await createPeople(server, { host: 'HOST', ada: role, bob: role, carol: role, dora: role });
  const { events, participation, predictions, rewards } = server.app.capabilities;
  host = people.host.viewer;
  stakers = stakerNames.map((name) => people[name].viewer);
  const scheduledAt = new Date(Date.now() + 3_600_000);
  ({ eventId } = await events.create(host, { title: 'A show', scheduledAt }));
  await events.move(host, eventId, 'schedule');
  for (const { id: userId, ...staker } of stakers) {
    await participation.join({ id: userId, ...staker }, { eventId });
    await rewards.grant(host, { eventId, userId, points: purse, reason: 'to stake' });
  }
  const { db } = server.app;
  const other = createPredictions({ write: createWrite({ db, publish: () => {} }), db, onStaked: () => {} });
  instances = [{ ...other, ...predictions }, other];
});

type Act =
  | { act: 'stake'; instance: 0 | 1; staker: number; outcome: number; points: number; key: string | null }
  | { act: 'lock'; instance: 0 | 1 }
  | { act: 'cancel'; instance: 0 | 1 }
  | { act: 'resolve'; instance: 0 | 1; outcome: number };

const instance = fc.constantFrom<0 | 1>(0, 1);
const outcome = fc.nat({ max: 2 });
const staking: fc.Arbitrary<Act> = fc.record({
  act: fc.constant('stake' as const),
  instance,
  staker: fc.nat({ max: stakerNames.length - 1 }),
  outcome,
  points: fc.integer({ min: -1, max: 40 }),
  // Sent again, as a client does that heard nothing.
  key: fc.constantFrom('a', 'b', null, null, null),
});
const moving: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ act: fc.constant('lock' as const), instance }),
  fc.record({ act: fc.constant('cancel' as const), instance }),
);
const resolving: fc.Arbitrary<Act> = fc.record({ act: fc.constant('resolve' as const), instance, outcome });
/** What of a round is done is done at the same time. */
const rounds = fc.array(
  fc.array(
    fc.oneof({ weight: 10, arbitrary: staking }, { weight: 1, arbitrary: moving }, { weight: 2, arbitrary: resolving }),
    { minLength: 1, maxLength: 10 },
  ),
  { minLength: 1, maxLength: 4 },
);

const refusals = [
  'INVALID_INPUT',
  'PREDICTION_STATUS',
  'ALREADY_STAKED',
  'INSUFFICIENT_POINTS',
  'IDEMPOTENCY_CONFLICT',
];

/** `ok`, or the code of the refusal. */
async function outcomeOf(doing: () => Promise<unknown>): Promise<string> {
  try {
    await doing();
    return 'ok';
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

test('whoever stakes, locks, resolves and cancels at the same time: the points are what they were, and nothing is paid twice', async () => {
  const { db } = server.app;
  const inWallets = async () => Number((await db.wallet.aggregate({ _sum: { balance: true } }))._sum.balance ?? 0n);
  await fc.assert(
    fc.asyncProperty(rounds, async (rounds) => {
      const [predictions] = instances;
      const outcomes = ['Red', 'Green', 'Blue'];
      const { predictionId } = await predictions.create(host, { eventId, title: 'Who?', outcomes });
      const found = await db.predictionOutcome.findMany({ where: { predictionId }, orderBy: { position: 'asc' } });
      const outcomeId = (place: number): string => found[place]?.id ?? '';
      let moved = 0;
      for (const round of rounds) {
        await Promise.all(
          round.map(async (one) => {
            const there = instances[one.instance];
            const result = await outcomeOf(() => {
              if (one.act === 'lock') return there.lock(host, predictionId);
              if (one.act === 'cancel') return there.cancel(host, predictionId);
              if (one.act === 'resolve') {
                return there.resolve(host, { predictionId, outcomeId: outcomeId(one.outcome) });
              }
              const staker = stakers[one.staker];
              if (staker === undefined) throw new Error('no such staker');
              const idempotencyKey = one.key === null ? null : `${one.key}:${predictionId}`;
              const { points, outcome } = one;
              return there.stake(staker, { predictionId, outcomeId: outcomeId(outcome), points, idempotencyKey });
            });
            if (result !== 'ok') expect(refusals).toContain(result);
            else if (one.act === 'resolve' || one.act === 'cancel') moved++;
          }),
        );
        const { _sum: staked } = await db.predictionStake.aggregate({
          where: { predictionId },
          _sum: { points: true },
        });
        if (moved === 0) expect((await inWallets()) + Number(staked.points ?? 0n)).toBe(stakers.length * purse);
      }
      expect(moved).toBeLessThanOrEqual(1);
      if (moved === 0) await predictions.cancel(host, predictionId);
      await settled(server);
      expect(await inWallets()).toBe(stakers.length * purse);
      const stakes = await db.predictionStake.findMany({ where: { predictionId } });
      const { _sum: taken } = await db.reward.aggregate({
        where: { eventId, kind: 'STAKED', reason: 'Who?' },
        _sum: { points: true },
      });
      const { _sum: given } = await db.reward.aggregate({
        where: { eventId, kind: { in: ['WON', 'STAKE_RETURNED'] } },
        _sum: { points: true },
      });
      expect((taken.points ?? 0) + (given.points ?? 0)).toBe(0);
      for (const { payout, paidAt } of stakes) expect(paidAt !== null).toBe(payout !== null && payout > 0n);
    }),
    { numRuns: 12, endOnFailure: true },
  );
}, 120_000);
