import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Transaction } from '../db/client.ts';
import { IdempotencyConflictError } from './errors.ts';

/** How long a key is remembered, in hours. */
const keptHours = 24;

/** 1 to 64 characters. */
const key = z
  .string()
  .min(1, { error: 'must not be empty' })
  .max(64, { error: 'must have at most 64 characters' })
  // Kept as it is: two keys must not become one. PostgreSQL holds neither of these.
  .refine((value) => !/[\0\p{Cs}]/u.test(value), { error: 'must not have NUL or half characters' });

/** The part of an input in which clients give a key; null for none. */
export const idempotencyKey = z.object({
  idempotencyKey: z.nullish(key).transform((value) => value ?? null),
});

export interface OnceRequest {
  userId: string;
  /** Null: the caller gave none, and nothing is remembered. */
  key: string | null;
  operation: string;
  input: unknown;
}

/**
 * Runs `body` at most once for a user's key, within the caller's transaction. A second call with the same operation and input
 * gets the first one's result, the id of what it made; with another one it throws IdempotencyConflictError. Calls that arrive
 * meanwhile wait for the first to commit or fail: the row's unique key makes the database the judge.
 */
export async function once(tx: Transaction, request: OnceRequest, body: () => Promise<string>): Promise<string> {
  const { userId, key } = request;
  if (key === null) return body();
  const [known] = await claim(tx, [{ ...request, key, result: null }]);
  if (known !== undefined) {
    const earlier = known.result();
    if (earlier === null) throw new IdempotencyConflictError();
    return earlier;
  }
  const result = await body();
  await tx.idempotencyKey.update({ where: { userId_key: { userId, key } }, data: { result } });
  return result;
}

export interface Claim extends OnceRequest {
  key: string;
  /** What will have been made, where the caller knows its id already. */
  result: string | null;
}

/** A claim that came too late. */
export interface Claimed {
  readonly userId: string;
  readonly key: string;
  /** The first one's result; null when that had another operation or input. */
  result(): string | null;
}

/**
 * Claims keys for the caller's transaction, in one order for all callers. Returns those that somebody was first to claim; of two
 * equal keys only one may be given at a time.
 */
export async function claim(tx: Transaction, claims: readonly Claim[]): Promise<Claimed[]> {
  if (claims.length === 0) return [];
  const rows = claims.map(({ input, ...rest }) => ({ ...rest, inputHash: hashOf(input) }));
  const own = await tx.$queryRaw<{ userId: string; key: string }[]>`
    INSERT INTO "IdempotencyKey" AS k ("userId", key, operation, "inputHash", result, "createdAt")
    SELECT "userId", key, operation, "inputHash", to_jsonb(result), clock_timestamp()
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS c("userId" uuid, key text, operation text, "inputHash" text, result text)
    ORDER BY "userId", key
    ON CONFLICT ("userId", key) DO UPDATE
      SET operation = EXCLUDED.operation, "inputHash" = EXCLUDED."inputHash", result = EXCLUDED.result,
        "createdAt" = EXCLUDED."createdAt"
      WHERE k."createdAt" < clock_timestamp() - make_interval(hours => ${keptHours})
    RETURNING "userId", key`;
  const claimed = new Set(own.map(({ userId, key }) => `${userId} ${key}`));
  const late = rows.filter(({ userId, key }) => !claimed.has(`${userId} ${key}`));
  return Promise.all(late.map((row) => first(tx, row)));
}

async function first(
  tx: Transaction,
  { userId, key, operation, inputHash }: Omit<Claim, 'input'> & { inputHash: string },
): Promise<Claimed> {
  const kept = await tx.idempotencyKey.findUniqueOrThrow({ where: { userId_key: { userId, key } } });
  return {
    userId,
    key,
    result() {
      return kept.operation === operation && kept.inputHash === inputHash ? z.string().parse(kept.result) : null;
    },
  };
}

/** Tells what became of keys that were claimed in the caller's transaction, where that was not known then. */
export async function conclude(
  tx: Transaction,
  results: readonly { userId: string; key: string; result: string }[],
): Promise<void> {
  if (results.length === 0) return;
  await tx.$executeRaw`
    UPDATE "IdempotencyKey" k SET result = to_jsonb(r.result)
    FROM jsonb_to_recordset(${JSON.stringify(results)}::jsonb) AS r("userId" uuid, key text, result text)
    WHERE k."userId" = r."userId" AND k.key = r.key`;
}

/** Gives keys back that were claimed in the caller's transaction for what is refused after all. */
export async function disclaim(tx: Transaction, claims: readonly Pick<Claim, 'userId' | 'key'>[]): Promise<void> {
  if (claims.length === 0) return;
  await tx.idempotencyKey.deleteMany({ where: { OR: claims.map(({ userId, key }) => ({ userId, key })) } });
}

const hashOf = (input: unknown): string => createHash('sha256').update(JSON.stringify(input)).digest('hex');

/** Forgets keys past their time. Returns how many. */
export async function forgetKeys(tx: Transaction): Promise<number> {
  return tx.$executeRaw`
    DELETE FROM "IdempotencyKey" WHERE "createdAt" < clock_timestamp() - make_interval(hours => ${keptHours})`;
}
