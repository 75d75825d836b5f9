import { readToldProfiles } from '../accounts/told-profile.ts';
import type { Transaction } from '../db/client.ts';
import { feeds } from '../feed/entry.ts';
import type { Work } from '../feed/unit-of-work.ts';
import { newId } from '../ids.ts';
import { offerSeats } from '../waitlist/offers.ts';
import { stopWaiting } from '../waitlist/waiting.ts';
import { participantLeft } from './entries.ts';

/** A place somebody got. */
export interface Place {
  participantId: string;
  userId: string;
  /** They were never here before. */
  firstTime: boolean;
}

/**
 * Gives these users their places, of which so many need a seat: one that is free, or that was kept for them. Who waited for one does
 * no longer. The caller has locked the event's row.
 */
export async function takePlaces(
  tx: Transaction,
  eventId: string,
  { userIds, seats }: { userIds: readonly string[]; seats: number },
): Promise<Place[]> {
  if (userIds.length === 0) return [];
  await stopWaiting(tx, eventId, userIds, 'ACCEPTED');
  // The condition makes a mistake here a fault, and not one person too many.
  const taken = await tx.$executeRaw`
    UPDATE "VideoEvent" SET "seatsTaken" = "seatsTaken" + ${seats}::int
    WHERE id = ${eventId}::uuid AND (capacity IS NULL OR ${seats}::int = 0 OR "seatsTaken" + "seatsOffered" + ${seats}::int <= capacity)`;
  if (taken === 0) throw new Error('more seats were given away than there are');
  const rows = userIds.map((userId) => ({ id: newId(), engagementId: newId(), userId }));
  return tx.$queryRaw<Place[]>`
    WITH coming AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS c(id uuid, "engagementId" uuid, "userId" uuid)
    ), places AS (
      INSERT INTO "Participant" AS p (id, "userId", "eventId", "joinedAt", "createdAt", "updatedAt")
      SELECT id, "userId", ${eventId}::uuid, clock_timestamp(), clock_timestamp(), clock_timestamp() FROM coming
      ON CONFLICT ("userId", "eventId") DO UPDATE SET "leftAt" = NULL, "updatedAt" = clock_timestamp()
      RETURNING p.id, p."userId", p."joinedAt"
    ), engagements AS (
      INSERT INTO "EngagementLog" (id, "participantId", "eventId", "engagementType", "engagementTime", "subjectId")
      SELECT c."engagementId", p.id, ${eventId}::uuid, 'JOIN', p."joinedAt", p.id
      FROM places p JOIN coming c ON c.id = p.id
    )
    SELECT p.id AS "participantId", p."userId", c.id IS NOT NULL AS "firstTime"
    FROM places p LEFT JOIN coming c ON c.id = p.id`;
}

/**
 * Those of these users who hold a place leave it, and whoever waits is offered their seats. The caller has locked the event's row
 * and keeps the host out.
 */
export async function leaveSeats(work: Work, eventId: string, userIds: readonly string[]): Promise<void> {
  if ((await giveUpPlaces(work, eventId, userIds)) > 0) await offerSeats(work, eventId);
}

/** The same, and these users wait for a place no longer either. */
export async function putOut(work: Work, eventId: string, userIds: readonly string[]): Promise<void> {
  const kept = await stopWaiting(work.tx, eventId, userIds, 'CANCELLED');
  const left = await giveUpPlaces(work, eventId, userIds);
  if (kept + left > 0) await offerSeats(work, eventId);
}

/** Resolves with how many left. */
async function giveUpPlaces({ tx, append }: Work, eventId: string, userIds: readonly string[]): Promise<number> {
  const left = await tx.$queryRaw<{ id: string; userId: string }[]>`
    UPDATE "Participant" SET "leftAt" = clock_timestamp(), "updatedAt" = clock_timestamp()
    WHERE "eventId" = ${eventId}::uuid AND "userId" = ANY(${[...userIds]}::uuid[]) AND "leftAt" IS NULL
    RETURNING id, "userId"`;
  if (left.length === 0) return 0;
  await tx.$executeRaw`
    UPDATE "VideoEvent" SET "seatsTaken" = "seatsTaken" - ${left.length}::int WHERE id = ${eventId}::uuid`;
  for (const actor of await readToldProfiles(
    tx,
    left.map(({ userId }) => userId),
  )) {
    const participant = left.find(({ userId }) => userId === actor.userId);
    if (participant === undefined) continue;
    const about = { audience: 'moderators', actorId: actor.userId, subjectId: participant.id } as const;
    append(feeds.event(eventId), participantLeft.draft({ participantId: participant.id, actor }, about));
  }
  return left.length;
}
