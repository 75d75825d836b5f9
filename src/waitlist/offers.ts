import { z } from 'zod';
import type { Transaction } from '../db/client.ts';
import { databaseNow } from '../db/clock.ts';
import { type Person, standingsIn } from '../events/access.ts';
import { lockRow } from '../events/lock.ts';
import { isOpen } from '../events/rules.ts';
import { feeds } from '../feed/entry.ts';
import type { Work } from '../feed/unit-of-work.ts';
import type { EventStatus } from '../generated/prisma/enums.ts';
import type { Duty } from '../jobs/task.ts';
import { task } from '../jobs/task.ts';
import { seatOffered } from './entries.ts';
import { mayBeOffered, offerMs } from './rules.ts';
import { endOffers, someoneWaits, stopWaiting } from './waiting.ts';

/** Seats offered in one unit of work at most: whoever writes to the event waits for it. */
const largestRound = 100;
/** Looked at beyond those who are to get an offer, since some may not have one any more. */
const spare = 10;

const expiry = task('waitlist.expire', z.object({ eventId: z.uuid(), until: z.iso.datetime() }));
const furtherRound = task('waitlist.offer', z.object({ eventId: z.uuid() }));

/**
 * Offers the event's free seats to those who have waited longest, and passes over whoever was banned or sees the event no more.
 * Whatever frees seats ends with this, in the same unit of work, so that no seat is free while somebody waits; where very many are
 * freed at once a task goes on. The caller has locked the event's row.
 */
export async function offerSeats(work: Work, eventId: string): Promise<void> {
  const { tx, append } = work;
  const free = await freeSeats(tx, eventId);
  if (free <= 0 || !(await someoneWaits(tx, eventId))) return;
  const limit = Math.min(free, largestRound) + spare;
  const first = await longestWaiting(tx, eventId, limit);
  const { fit, unfit } = await chosen(tx, eventId, { first, seats: Math.min(free, largestRound) });
  await stopWaiting(tx, eventId, unfit, 'CANCELLED');
  const offer = await makeOffers(tx, eventId, fit);
  if (offer !== null) {
    const { title, until } = offer;
    for (const userId of fit) {
      const offered = { eventId, title, offeredUntil: until.toISOString() };
      append(feeds.user(userId), seatOffered.draft(offered, { subjectId: eventId }));
    }
    await expiry.schedule(tx, `${eventId}:${until.getTime()}`, { at: until }, { eventId, until: until.toISOString() });
  }
  const last = first.at(-1);
  if (fit.length < free && first.length === limit && last !== undefined) {
    await furtherRound.schedule(tx, `${eventId}:${last.turn}`, { inMs: 0 }, { eventId });
  }
}

/** What is done later for those who wait. */
export const waitlistDuties: readonly Duty[] = [
  expiry.doneBy(async (work, { eventId, until }) => {
    await lockRow(work.tx, eventId);
    // Exactly once: whoever accepted in time has no offer any more.
    if ((await endOffers(work.tx, eventId, new Date(until))) > 0) await offerSeats(work, eventId);
  }),
  furtherRound.doneBy(async (work, { eventId }) => {
    await lockRow(work.tx, eventId);
    await offerSeats(work, eventId);
  }),
];

/** Seats that nobody has and that are kept for nobody, as far as the event takes people. */
async function freeSeats(tx: Transaction, eventId: string): Promise<number> {
  const [event] = await tx.$queryRaw<{ status: EventStatus; free: number | null }[]>`
    SELECT status::text AS status, capacity - "seatsTaken" - "seatsOffered" AS free FROM "VideoEvent" WHERE id = ${eventId}::uuid`;
  if (event === undefined || !isOpen(event.status)) return 0;
  return event.free ?? Number.POSITIVE_INFINITY;
}

type Waiting = Person & { turn: bigint };

const longestWaiting = (tx: Transaction, eventId: string, limit: number): Promise<Waiting[]> =>
  tx.$queryRaw<Waiting[]>`
    SELECT w."userId" AS id, u.role::text AS role, w.turn FROM "WaitlistEntry" w JOIN "User" u ON u.id = w."userId"
    WHERE w."eventId" = ${eventId}::uuid AND w.status = 'WAITING' ORDER BY w.turn LIMIT ${limit}::int`;

/** Who gets the seats, and whose turn it was in vain. */
async function chosen(
  tx: Transaction,
  eventId: string,
  { first, seats }: { first: readonly Waiting[]; seats: number },
): Promise<{ fit: string[]; unfit: string[] }> {
  const standings = await standingsIn(tx, first, eventId);
  const fit: string[] = [];
  const unfit: string[] = [];
  for (const [place, { id }] of first.entries()) {
    if (fit.length === seats) break;
    (mayBeOffered(standings[place]) ? fit : unfit).push(id);
  }
  return { fit, unfit };
}

/** Keeps a seat for each of them. Null: there is nobody. */
async function makeOffers(
  tx: Transaction,
  eventId: string,
  userIds: readonly string[],
): Promise<{ title: string; until: Date } | null> {
  if (userIds.length === 0) return null;
  const until = new Date((await databaseNow(tx)).getTime() + offerMs);
  const [event] = await tx.$queryRaw<{ title: string }[]>`
    WITH offered AS (
      UPDATE "WaitlistEntry" SET status = 'OFFERED', "offeredUntil" = ${until}::timestamptz, "updatedAt" = clock_timestamp()
      WHERE "eventId" = ${eventId}::uuid AND "userId" = ANY(${[...userIds]}::uuid[]) AND status = 'WAITING'
      RETURNING 1
    )
    UPDATE "VideoEvent" SET "seatsOffered" = "seatsOffered" + (SELECT count(*)::int FROM offered)
    WHERE id = ${eventId}::uuid RETURNING title`;
  return event === undefined ? null : { title: event.title, until };
}
