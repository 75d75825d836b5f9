import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Transaction } from '../db/client.ts';
import { IdempotencyConflictError } from '../errors.ts';

/** How long a key is remembered, in hours. */
const keptHours = 24;

export interface OnceRequest {
  userId: string;
  /** Null: the caller gave none, and nothing is remembered. At most 64 characters. */
  key: string | null;
  operation: string;
  input: unknown;
}

/**
 * Runs `body` at most once for a user's key, within the caller's transaction. A second call with the same operation and input
 * gets the first one's result, the id of what it made; with another one it throws IdempotencyConflictError. Calls that arrive meanwhile wait for the
 * first to commit or fail: the row's unique key makes the database the judge.
 */
export async function once(
  tx: Transaction,
  { userId, key, operation, input }: OnceRequest,
  body: () => Promise<string>,
): Promise<string> {
  if (key === null) return body();
  const inputHash = createHash('sha256').update(JSON.stringify(input)).digest('hex');
  const claimed = await tx.$executeRaw`
    INSERT INTO "IdempotencyKey" AS k ("userId", key, operation, "inputHash", "createdAt")
    VALUES (${userId}::uuid, ${key}, ${operation}, ${inputHash}, clock_timestamp())
    ON CONFLICT ("userId", key) DO UPDATE
      SET operation = EXCLUDED.operation, "inputHash" = EXCLUDED."inputHash", result = NULL, "createdAt" = EXCLUDED."createdAt"
      WHERE k."createdAt" < clock_timestamp() - make_interval(hours => ${keptHours})`;
  if (claimed === 0) {
    const first = await tx.idempotencyKey.findUniqueOrThrow({ where: { userId_key: { userId, key } } });
    if (first.operation !== operation || first.inputHash !== inputHash) throw new IdempotencyConflictError();
    return z.string().parse(first.result);
  }
  const result = await body();
  await tx.idempotencyKey.update({ where: { userId_key: { userId, key } }, data: { result } });
  return result;
}

/** Forgets keys past their time. Returns how many. */
export async function forgetKeys(tx: Transaction): Promise<number> {
  return tx.$executeRaw`
    DELETE FROM "IdempotencyKey" WHERE "createdAt" < clock_timestamp() - make_interval(hours => ${keptHours})`;
}
