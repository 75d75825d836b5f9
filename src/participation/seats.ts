import { readToldProfiles } from '../accounts/told-profile.ts';
import type { Transaction } from '../db/client.ts';
import { feeds } from '../feed/entry.ts';
import type { Work } from '../feed/unit-of-work.ts';
import { participantLeft } from './entries.ts';

/** Takes a seat, or finds that all are taken: the condition and the count are one statement. */
export async function takeSeat(tx: Transaction, eventId: string): Promise<boolean> {
  const taken = await tx.$executeRaw`
    UPDATE "VideoEvent" SET "seatsTaken" = "seatsTaken" + 1
    WHERE id = ${eventId}::uuid AND (capacity IS NULL OR "seatsTaken" < capacity)`;
  return taken === 1;
}

/**
 * Those of these users who hold a place leave it, and their seats are free again. The caller has locked the event's row and
 * keeps the host out. Resolves with how many left.
 */
export async function leaveSeats({ tx, append }: Work, eventId: string, userIds: readonly string[]): Promise<number> {
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
