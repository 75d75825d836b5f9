import type { Transaction } from '../db/client.ts';
import { IdempotencyConflictError } from '../errors.ts';
import { type Claim, claim, disclaim } from '../feed/idempotency.ts';
import type { Batch, Sending } from './batch.ts';

const keyOf = ({ userId, key }: Pick<Claim, 'userId' | 'key'>): string => `${userId} ${key}`;

/**
 * Messages whose idempotency keys were used before get those answers, and the others claim theirs. Returns what gives the keys
 * back of those that are refused later: a refusal is not remembered.
 */
export async function answerRepeated(tx: Transaction, batch: Batch): Promise<() => Promise<void>> {
  const leaders = new Map<string, { sending: Sending; claim: Claim }>();
  for (const sending of batch.open) {
    if (sending.key === null) continue;
    const own = claimOf(sending, sending.key);
    const leader = leaders.get(keyOf(own));
    if (leader === undefined) leaders.set(keyOf(own), { sending, claim: own });
    else answerAs(batch, sending, leader);
  }
  const repeated = new Set<string>();
  for (const earlier of await claim(
    tx,
    [...leaders.values()].map((leader) => leader.claim),
  )) {
    repeated.add(keyOf(earlier));
    const sending = leaders.get(keyOf(earlier))?.sending;
    if (sending === undefined) continue;
    const messageId = earlier.result();
    if (messageId === null) batch.refuse(sending, new IdempotencyConflictError());
    else batch.answer(sending, messageId);
  }
  return () => {
    const refused = [...leaders.values()].filter(
      ({ sending, claim }) => !batch.isOpen(sending) && !repeated.has(keyOf(claim)),
    );
    return disclaim(
      tx,
      refused.map(({ claim }) => claim),
    );
  };
}

function claimOf({ viewer, eventId, text, replyToId, messageId }: Sending, key: string): Claim {
  return { userId: viewer.id, key, operation: 'sendMessage', input: { eventId, text, replyToId }, result: messageId };
}

/** A second message of the batch under a key is the first one again, if it says the same. */
function answerAs(batch: Batch, sending: Sending, { sending: first }: { sending: Sending }): void {
  const same = ({ eventId, text, replyToId }: Sending) => JSON.stringify([eventId, text, replyToId]);
  if (same(sending) === same(first)) batch.repeat(sending, first);
  else batch.refuse(sending, new IdempotencyConflictError());
}
