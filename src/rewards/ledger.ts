import type { Transaction } from '../db/client.ts';
import { feeds } from '../feed/entry.ts';
import type { Work } from '../feed/unit-of-work.ts';
import type { RewardKind } from '../generated/prisma/enums.ts';
import { newId } from '../ids.ts';
import { addScores } from '../leaderboards/scores.ts';
import { pointsChanged } from './entries.ts';
import { InsufficientPointsError } from './errors.ts';

/** A wallet: whose points they are, and the host with whom they count. */
export interface WalletKey {
  readonly userId: string;
  readonly hostId: string;
}

/** What is to be written into the ledger. */
export interface Posting extends WalletKey {
  readonly eventId: string;
  readonly kind: RewardKind;
  /** Signed, not 0. */
  readonly points: number;
  /** What it is for: of one source, whoever it belongs to, only the first posting counts. */
  readonly source: string;
  readonly reason?: string | null;
  /** Who did it by hand. */
  readonly actorId?: string | null;
}

export interface Posted extends Posting {
  readonly rewardId: string;
  /** The wallet's, once all of these are in it. */
  readonly balance: number;
}

/**
 * Writes into the ledger, changes balances and scores with it, and states to each user in their own feed what became of their points. All of
 * it or nothing, with the caller's unit of work. What was posted before (by `source`) is left out, and not among the results. Throws
 * InsufficientPointsError where more would be taken than there is. Wallets stay locked until the transaction ends, always taken in
 * one order.
 */
export async function post(work: Work, postings: readonly Posting[]): Promise<Posted[]> {
  if (postings.length === 0) return [];
  const wallets = await lockWallets(work.tx, postings);
  const taken = new Map<string, number>();
  for (const { points, ...key } of postings) {
    const { id, balance } = walletIn(wallets, key);
    const left = (taken.get(id) ?? balance) + points;
    taken.set(id, left);
    if (left < 0) throw new InsufficientPointsError(balance);
  }
  const posted = await write(work.tx, postings, wallets);
  await addScores(work.tx, posted);
  for (const { userId, rewardId, hostId, eventId, kind, points, reason = null, balance } of posted) {
    const told = { rewardId, hostId, eventId, kind, points, reason, balance };
    work.append(feeds.user(userId), pointsChanged.draft(told, { subjectId: rewardId }));
  }
  return posted;
}

/** What the wallet holds; it stays locked until the transaction ends. */
export async function balanceOf(tx: Transaction, key: WalletKey): Promise<number> {
  return walletIn(await lockWallets(tx, [key]), key).balance;
}

interface Wallet {
  id: string;
  balance: number;
}

const nameOf = ({ userId, hostId }: WalletKey): string => `${userId} ${hostId}`;

function walletIn(wallets: ReadonlyMap<string, Wallet>, key: WalletKey): Wallet {
  const wallet = wallets.get(nameOf(key));
  if (wallet === undefined) throw new Error('a wallet that was locked is missing');
  return wallet;
}

/** Makes those that are missing. In one order for all who lock several. */
async function lockWallets(tx: Transaction, keys: readonly WalletKey[]): Promise<Map<string, Wallet>> {
  const wanted = new Map(keys.map(({ userId, hostId }) => [nameOf({ userId, hostId }), { userId, hostId }]));
  const given = JSON.stringify([...wanted.values()].map((key) => ({ ...key, id: newId() })));
  const wallets = new Map<string, Wallet>();
  // Those that somebody else made in the same moment are found only by a second look, which sees what was committed since.
  while (wallets.size < wanted.size) {
    const rows = await tx.$queryRaw<(WalletKey & { id: string; balance: bigint })[]>`
      WITH given AS (
        SELECT * FROM jsonb_to_recordset(${given}::jsonb) AS k(id uuid, "userId" uuid, "hostId" uuid)
      ), made AS (
        INSERT INTO "Wallet" (id, "userId", "hostId", "createdAt", "updatedAt")
        SELECT k.id, k."userId", k."hostId", clock_timestamp(), clock_timestamp() FROM given k
        WHERE NOT EXISTS (SELECT 1 FROM "Wallet" w WHERE w."userId" = k."userId" AND w."hostId" = k."hostId")
        ORDER BY k."userId", k."hostId"
        ON CONFLICT ("userId", "hostId") DO NOTHING
        RETURNING id, "userId", "hostId", balance
      ), found AS (
        SELECT w.id, w."userId", w."hostId", w.balance FROM "Wallet" w JOIN given USING ("userId", "hostId")
        ORDER BY w."userId", w."hostId" FOR UPDATE OF w
      )
      SELECT * FROM made UNION ALL SELECT * FROM found`;
    for (const { id, balance, ...key } of rows) wallets.set(nameOf(key), { id, balance: Number(balance) });
  }
  return wallets;
}

async function write(
  tx: Transaction,
  postings: readonly Posting[],
  wallets: ReadonlyMap<string, Wallet>,
): Promise<Posted[]> {
  const rows = postings.map((posting) => ({ ...posting, id: newId(), walletId: walletIn(wallets, posting).id }));
  const written = await tx.$queryRaw<{ id: string; balance: bigint }[]>`
    WITH posted AS (
      INSERT INTO "Reward" (id, "walletId", "userId", "hostId", "eventId", kind, points, reason, source, "actorId",
        timestamp, "createdAt", "updatedAt")
      SELECT id, "walletId", "userId", "hostId", "eventId", kind::"RewardKind", points, reason, source, "actorId",
        moment.now, moment.now, moment.now
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id uuid, "walletId" uuid, "userId" uuid, "hostId" uuid,
        "eventId" uuid, kind text, points int, reason text, source text, "actorId" uuid),
        (SELECT clock_timestamp() AS now) AS moment
      ON CONFLICT (source) DO NOTHING
      RETURNING id, "walletId", points
    ), changed AS (
      UPDATE "Wallet" w SET balance = w.balance + d.points, "updatedAt" = clock_timestamp()
      FROM (SELECT "walletId", sum(points) AS points FROM posted GROUP BY 1) AS d WHERE w.id = d."walletId"
      RETURNING w.id, w.balance
    )
    SELECT p.id, c.balance FROM posted p JOIN changed c ON c.id = p."walletId"`;
  const balances = new Map(written.map(({ id, balance }) => [id, Number(balance)]));
  return rows.flatMap(({ id, walletId: _walletId, ...posting }) => {
    const balance = balances.get(id);
    return balance === undefined ? [] : [{ ...posting, rewardId: id, balance }];
  });
}
