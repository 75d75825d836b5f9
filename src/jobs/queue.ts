import type { Db, Transaction } from '../db/client.ts';
import { newId } from '../ids.ts';

/** A task that is due and that this transaction has for itself. */
export interface Claimed {
  id: string;
  kind: string;
  key: string;
  payload: unknown;
}

/** A task that failed is tried again after 1 s, and twice as long each time, up to this, in seconds. */
const longestPause = 300;

/** In how many ms the next job of each kind is due, by the database's clock; below 0: it is late. Kinds without any are left out. */
export async function nextDue(db: Db, kinds: readonly string[]): Promise<Map<string, number>> {
  const rows = await db.$queryRaw<{ kind: string; inMs: number | null }[]>`
    SELECT k.kind, (SELECT extract(epoch FROM j."runAt" - clock_timestamp()) * 1000
      FROM "Job" j WHERE j.kind = k.kind ORDER BY j."runAt" LIMIT 1)::float8 AS "inMs"
    FROM unnest(${[...kinds]}::text[]) AS k(kind)`;
  return new Map(rows.flatMap(({ kind, inMs }) => (inMs === null ? [] : [[kind, inMs] as const])));
}

/** The task that is due longest and that nobody is at. Null: there is none. Others pass it by until the transaction ends. */
export async function claimTask(tx: Transaction, kinds: readonly string[]): Promise<Claimed | null> {
  const [claimed] = await tx.$queryRaw<Claimed[]>`
    SELECT id, kind, key, payload FROM "Job"
    WHERE kind = ANY(${[...kinds]}::text[]) AND "runAt" <= clock_timestamp()
    ORDER BY "runAt" LIMIT 1 FOR UPDATE SKIP LOCKED`;
  return claimed ?? null;
}

export async function finishTask(tx: Transaction, { id }: Claimed): Promise<void> {
  await tx.$executeRaw`DELETE FROM "Job" WHERE id = ${id}::uuid`;
}

export async function postponeTask(db: Db, { id }: Claimed, reason: string): Promise<void> {
  await db.$executeRaw`
    UPDATE "Job" SET failures = failures + 1, "lastError" = left(${reason}, 500),
      "runAt" = clock_timestamp() + make_interval(secs => LEAST(power(2, failures), ${longestPause}))
    WHERE id = ${id}::uuid`;
}

/** Sees to it that each of these rounds comes again; one that nobody ever went begins a period from now. */
export async function keepRounds(db: Db, rounds: readonly { name: string; everyMs: number }[]): Promise<void> {
  const rows = rounds.map(({ name, everyMs }) => ({ id: newId(), kind: name, seconds: everyMs / 1000 }));
  await db.$executeRaw`
    INSERT INTO "Job" (id, kind, key, payload, "runAt", "createdAt")
    SELECT id, kind, '', '{}', clock_timestamp() + make_interval(secs => seconds), clock_timestamp()
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, kind text, seconds float8)
    ON CONFLICT (kind, key) DO NOTHING`;
}

/** Whether the round is due and the caller's to go: nobody else is told so before the next period. */
export async function claimRound(db: Db, { name, everyMs }: { name: string; everyMs: number }): Promise<boolean> {
  const claimed = await db.$executeRaw`
    UPDATE "Job" SET "runAt" = clock_timestamp() + make_interval(secs => ${everyMs / 1000}::float8)
    WHERE kind = ${name} AND key = '' AND "runAt" <= clock_timestamp()`;
  return claimed > 0;
}
