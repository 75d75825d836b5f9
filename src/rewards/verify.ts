import type { Db } from '../db/client.ts';

/** A wallet whose balance is not what the ledger says. */
export interface Difference {
  readonly walletId: string;
  readonly userId: string;
  readonly hostId: string;
  readonly balance: number;
  /** What it should be. */
  readonly ledger: number;
}

/** Adds up the whole ledger, as of one moment. */
export async function verifyLedger(db: Db): Promise<{ wallets: number; rewards: number; differences: Difference[] }> {
  // One statement sees one moment of the database, whatever is posted meanwhile.
  const rows = await db.$queryRaw<{ wallets: number; rewards: number; differences: Difference[] }[]>`
    WITH sums AS (
      SELECT w.id AS "walletId", w."userId", w."hostId", w.balance, COALESCE(sum(r.points), 0)::bigint AS ledger, count(r.id) AS rewards
      FROM "Wallet" w LEFT JOIN "Reward" r ON r."walletId" = w.id GROUP BY w.id
    )
    SELECT count(*)::int AS wallets, COALESCE(sum(rewards), 0)::int AS rewards,
      COALESCE(jsonb_agg(to_jsonb(sums) - 'rewards' ORDER BY "walletId") FILTER (WHERE balance <> ledger), '[]') AS differences
    FROM sums`;
  const [verified] = rows;
  if (verified === undefined) throw new Error('an aggregate has one row');
  return verified;
}
