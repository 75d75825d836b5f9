import { z } from 'zod';
import type { Transaction } from '../db/client.ts';
import type { Work } from '../feed/unit-of-work.ts';
import { task } from '../jobs/task.ts';
import { type Posting, post } from '../rewards/ledger.ts';
import { linesOf, shareOut, type WinningStake } from './sharing.ts';

/** Stakers who get their points in one transaction. */
const atATime = 500;

/**
 * Pays out a prediction that was resolved or cancelled. Not with the resolving itself, which holds the event's lock: ten thousand
 * wallets and feeds would hold up the show. In batches instead, one transaction each, in which stakes are marked as paid, the ledger
 * refuses a source it has, and the next batch is scheduled: whatever dies in between, everybody is paid once.
 */
export const settlement = task(
  'prediction.settle',
  z.object({
    predictionId: z.uuid(),
    /** Stakers up to this one have theirs; null: nobody yet, and nothing is decided. */
    after: z.uuid().nullable(),
  }),
);

interface Settled {
  id: string;
  eventId: string;
  title: string;
  /** Null: it was cancelled. */
  winnerId: string | null;
  event: { hostId: string };
}

/** The next stakers get what is theirs, and whoever comes after them is left to the next task, in the same transaction. */
export async function settleSome(
  work: Work,
  { predictionId, after }: { predictionId: string; after: string | null },
): Promise<void> {
  const { tx } = work;
  const prediction = await tx.prediction.findUniqueOrThrow({
    where: { id: predictionId },
    select: { id: true, eventId: true, title: true, winnerId: true, event: { select: { hostId: true } } },
  });
  if (after === null) await decide(tx, prediction);
  const due = await tx.predictionStake.findMany({
    where: { predictionId, paidAt: null, payout: { gt: 0 }, ...(after === null ? {} : { userId: { gt: after } }) },
    orderBy: { userId: 'asc' },
    take: atATime,
    select: { userId: true, outcomeId: true, payout: true },
  });
  await post(
    work,
    due.flatMap((stake) => postingsFor(prediction, stake)),
  );
  const paid = due.map(({ userId }) => userId);
  await tx.$executeRaw`
    UPDATE "PredictionStake" SET "paidAt" = clock_timestamp(), "updatedAt" = clock_timestamp()
    WHERE "predictionId" = ${predictionId}::uuid AND "userId" = ANY(${paid}::uuid[])`;
  const last = paid.at(-1);
  if (last === undefined || paid.length < atATime) return;
  await settlement.schedule(tx, `${predictionId}:${last}`, { inMs: 0 }, { predictionId, after: last });
}

/** Writes down what each gets. No stake changes any more: the prediction takes none. */
async function decide(tx: Transaction, { id, winnerId }: Settled): Promise<void> {
  const winners = await tx.$queryRaw<WinningStake[]>`
    SELECT "userId", points, turn FROM "PredictionStake" WHERE "predictionId" = ${id}::uuid AND "outcomeId" = ${winnerId}::uuid`;
  if (winners.length === 0) {
    await tx.$executeRaw`UPDATE "PredictionStake" SET payout = points WHERE "predictionId" = ${id}::uuid`;
    return;
  }
  const [all] = await tx.$queryRaw<{ pot: bigint }[]>`
    SELECT sum(points)::bigint AS pot FROM "PredictionStake" WHERE "predictionId" = ${id}::uuid`;
  if (all === undefined) throw new Error('an aggregate has one row');
  const shares = [...shareOut(all.pot, winners)].map(([userId, payout]) => ({ userId, payout: payout.toString() }));
  await tx.$executeRaw`
    UPDATE "PredictionStake" s SET payout = COALESCE(won.payout, 0)
    FROM "PredictionStake" own
    LEFT JOIN jsonb_to_recordset(${JSON.stringify(shares)}::jsonb) AS won("userId" uuid, payout bigint) USING ("userId")
    WHERE own."predictionId" = ${id}::uuid AND s."predictionId" = own."predictionId" AND s."userId" = own."userId"`;
}

function postingsFor(
  { id, eventId, title, winnerId, event: { hostId } }: Settled,
  { userId, outcomeId, payout }: { userId: string; outcomeId: string; payout: bigint | null },
): Posting[] {
  // Whoever gets something without having been right has their stake back.
  const kind = outcomeId === winnerId ? 'WON' : 'STAKE_RETURNED';
  return linesOf(payout ?? 0n).map((points, line) => ({
    userId,
    hostId,
    eventId,
    kind,
    points,
    reason: title,
    source: `prediction:${id}:${userId}:${line}`,
  }));
}
