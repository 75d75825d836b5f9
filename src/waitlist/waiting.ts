import type { Transaction } from '../db/client.ts';
import type { Offer } from './rules.ts';

/** Whether anybody waits in vain for a seat now: who has an offer does not. */
export async function someoneWaits(tx: Transaction, eventId: string): Promise<boolean> {
  const waiting = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM "WaitlistEntry" WHERE "eventId" = ${eventId}::uuid AND status = 'WAITING' LIMIT 1`;
  return waiting.length > 0;
}

/** The latest offers to these users, by user, of those who had one since they last began to wait and did not answer it. */
export async function offersTo(
  tx: Transaction,
  eventId: string,
  userIds: readonly string[],
): Promise<Map<string, Offer>> {
  if (userIds.length === 0) return new Map();
  const rows = await tx.$queryRaw<(Offer & { userId: string })[]>`
    SELECT "userId", "offeredUntil", status <> 'OFFERED' OR "offeredUntil" <= clock_timestamp() AS "isOver"
    FROM "WaitlistEntry"
    WHERE "eventId" = ${eventId}::uuid AND "userId" = ANY(${[...userIds]}::uuid[]) AND status IN ('OFFERED', 'EXPIRED')`;
  return new Map(rows.map((row) => [row.userId, row]));
}

/** These users wait from now on, in this order; who waits or has an offer keeps it. The caller has locked the event's row. */
export async function beginWaiting(tx: Transaction, eventId: string, userIds: readonly string[]): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO "WaitlistEntry" AS w ("eventId", "userId", status, "waitingSince", "createdAt", "updatedAt")
    SELECT ${eventId}::uuid, u.id, 'WAITING', clock_timestamp(), clock_timestamp(), clock_timestamp()
    FROM unnest(${[...userIds]}::uuid[]) WITH ORDINALITY AS u(id, place) ORDER BY u.place
    ON CONFLICT ("eventId", "userId") DO UPDATE SET status = 'WAITING', turn = EXCLUDED.turn,
      "waitingSince" = EXCLUDED."waitingSince", "offeredUntil" = NULL, "updatedAt" = EXCLUDED."updatedAt"
    WHERE w.status NOT IN ('WAITING', 'OFFERED')`;
}

/**
 * Those of these users who wait, or have an offer, do no longer. The seats that were kept for them are free: resolves with how many.
 * The caller has locked the event's row, and sees to it that others are offered them.
 */
export async function stopWaiting(
  tx: Transaction,
  eventId: string,
  userIds: readonly string[],
  outcome: 'ACCEPTED' | 'CANCELLED',
): Promise<number> {
  const gone = await tx.$queryRaw<{ hadOffer: boolean }[]>`
    UPDATE "WaitlistEntry" SET status = ${outcome}::"WaitlistStatus", "updatedAt" = clock_timestamp()
    WHERE "eventId" = ${eventId}::uuid AND "userId" = ANY(${[...userIds]}::uuid[]) AND status IN ('WAITING', 'OFFERED')
    RETURNING "offeredUntil" IS NOT NULL AS "hadOffer"`;
  const seats = gone.filter(({ hadOffer }) => hadOffer).length;
  await freeOffered(tx, eventId, seats);
  return seats;
}

/** Ends the offers whose time was over then. Resolves with how many seats are free again. The caller has locked the event's row. */
export async function endOffers(tx: Transaction, eventId: string, until: Date): Promise<number> {
  const seats = await tx.$executeRaw`
    UPDATE "WaitlistEntry" SET status = 'EXPIRED', "updatedAt" = clock_timestamp()
    WHERE "eventId" = ${eventId}::uuid AND status = 'OFFERED' AND "offeredUntil" <= ${until}::timestamptz`;
  await freeOffered(tx, eventId, seats);
  return seats;
}

/** Nobody waits for the event any more. The caller has locked its row. */
export async function closeWaitlist(tx: Transaction, eventId: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE "WaitlistEntry" SET status = 'CANCELLED', "updatedAt" = clock_timestamp()
    WHERE "eventId" = ${eventId}::uuid AND status IN ('WAITING', 'OFFERED')`;
  await tx.$executeRaw`UPDATE "VideoEvent" SET "seatsOffered" = 0 WHERE id = ${eventId}::uuid AND "seatsOffered" > 0`;
}

async function freeOffered(tx: Transaction, eventId: string, seats: number): Promise<void> {
  if (seats === 0) return;
  await tx.$executeRaw`
    UPDATE "VideoEvent" SET "seatsOffered" = "seatsOffered" - ${seats}::int WHERE id = ${eventId}::uuid`;
}
