import type { Transaction } from '../db/client.ts';
import type { Batch } from './batch.ts';
import { IdempotencyConflictError } from './errors.ts';
import { type Claim, claim, disclaim } from './idempotency.ts';

const keyOf = ({ userId, key }: Pick<Claim, 'userId' | 'key'>): string => `${userId} ${key}`;

/**
 * Inputs whose idempotency keys were used before get those answers, and the others claim theirs. `claimOf` is null for an input
 * without a key. Returns what gives the keys back of those that are refused later: a refusal is not remembered.
 */
export async function answerRepeated<Input extends object>(
  tx: Transaction,
  batch: Batch<Input>,
  claimOf: (input: Input) => Claim | null,
): Promise<() => Promise<void>> {
  const leaders = new Map<string, { input: Input; claim: Claim }>();
  for (const input of batch.open) {
    const own = claimOf(input);
    if (own === null) continue;
    const leader = leaders.get(keyOf(own));
    if (leader === undefined) leaders.set(keyOf(own), { input, claim: own });
    // A second input of the batch under a key is the first one again, if it says the same.
    else if (JSON.stringify(leader.claim.input) === JSON.stringify(own.input)) batch.repeat(input, leader.input);
    else batch.refuse(input, new IdempotencyConflictError());
  }
  const repeated = new Set<string>();
  for (const earlier of await claim(
    tx,
    [...leaders.values()].map((leader) => leader.claim),
  )) {
    repeated.add(keyOf(earlier));
    const input = leaders.get(keyOf(earlier))?.input;
    if (input === undefined) continue;
    const id = earlier.result();
    if (id === null) batch.refuse(input, new IdempotencyConflictError());
    else batch.answer(input, id);
  }
  return () => {
    const refused = [...leaders.values()].filter(
      ({ input, claim }) => batch.isRefused(input) && !repeated.has(keyOf(claim)),
    );
    return disclaim(
      tx,
      refused.map(({ claim }) => claim),
    );
  };
}
