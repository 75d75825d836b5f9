import { readToldProfile } from '../accounts/told-profile.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { databaseNow } from '../db/clock.ts';
import { CapacityError, EventNotOpenError, ForbiddenError, NotFoundError, UnauthenticatedError } from '../errors.ts';
import { type Standing, standingIn } from '../events/access.ts';
import { lockEvent } from '../events/lock.ts';
import { isOpen } from '../events/rules.ts';
import { feeds } from '../feed/entry.ts';
import { idempotencyKey, once } from '../feed/idempotency.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import type { Participant, Prisma } from '../generated/prisma/client.ts';
import { parseInput } from '../input.ts';
import { visiblePlaces } from './access.ts';
import { participantJoined } from './entries.ts';
import { leaveSeats, takeSeat } from './seats.ts';

export type PlaceQuery = Pick<Prisma.ParticipantFindFirstArgs, 'select' | 'include'>;

/** People's places in events. */
export interface Participation {
  /**
   * Takes a place; whoever holds one keeps it, whoever left comes back to theirs. Throws NotFoundError (also for a private event
   * without an invite), EventNotOpenError, CapacityError, InvalidInputError, IdempotencyConflictError.
   */
  join(
    viewer: Viewer,
    input: { eventId: string; idempotencyKey?: string | null },
  ): Promise<{ participantId: string; eventId: string }>;
  /** Frees the seat; without a place nothing happens. Throws NotFoundError, and ForbiddenError for the host. */
  leave(viewer: Viewer, input: { eventId: string }): Promise<{ eventId: string }>;
  /** A place the viewer may know of. */
  find(viewer: Viewer | null, participantId: string, query: PlaceQuery): Promise<Participant | null>;
  /** The viewer's own place in an event they see, whether they hold it or left it. */
  findOwn(viewer: Viewer, eventId: string, query: PlaceQuery): Promise<Participant | null>;
}

export function createParticipation({ db, write }: { db: Db; write: Write }): Participation {
  return {
    join(viewer, { eventId, ...input }) {
      const { idempotencyKey: key } = parseInput(idempotencyKey, input);
      return write(async (work) => {
        const request = { userId: viewer.id, key, operation: 'joinVideoEvent', input: { eventId } };
        return { participantId: await once(work.tx, request, () => join(work, viewer, eventId)), eventId };
      });
    },
    leave: (viewer, { eventId }) =>
      write(async (work) => {
        const { isHost } = await lockEvent(work.tx, viewer, eventId);
        if (isHost) throw new ForbiddenError('The host belongs to the event and cannot leave it.');
        await leaveSeats(work, eventId, [viewer.id]);
        return { eventId };
      }),
    find: (viewer, id, query) =>
      db.participant.findFirst({ ...query, where: { AND: [{ id }, visiblePlaces(viewer)] } }),
    findOwn: (viewer, eventId, query) =>
      db.participant.findFirst({ ...query, where: { AND: [{ userId: viewer.id, eventId }, visiblePlaces(viewer)] } }),
  };
}

async function join(work: Work, viewer: Viewer, eventId: string): Promise<string> {
  // Joining again is common (every page load) and takes no lock.
  const seen = await standingIn(work.tx, viewer, eventId);
  if (seen === null) throw new NotFoundError('Event');
  if (seen.participantId !== null) return seen.participantId;
  // Nor does most of a storm on an event that is full: seats and places were seen in one moment.
  if (!seen.isHost && isOpen(seen.event.status) && seen.event.isFull) throw new CapacityError(seen.event.capacity ?? 0);
  const standing = await lockEvent(work.tx, viewer, eventId);
  if (standing.participantId !== null) return standing.participantId;
  const { event, isHost } = standing;
  if (!isOpen(event.status)) throw new EventNotOpenError(event.status);
  // The host has a place of their own.
  if (!isHost && !(await takeSeat(work.tx, eventId))) throw new CapacityError(event.capacity ?? 0);
  return takePlace(work, viewer, standing);
}

async function takePlace({ tx, append }: Work, viewer: Viewer, { event }: Standing): Promise<string> {
  const actor = await readToldProfile(tx, viewer.id);
  if (actor === null) throw new UnauthenticatedError();
  const place = { userId: viewer.id, eventId: event.id };
  const at = await databaseNow(tx);
  const { count } = await tx.participant.createMany({ data: [{ ...place, joinedAt: at }], skipDuplicates: true });
  const firstTime = count === 1;
  const participant = await tx.participant.update({
    where: { userId_eventId: place },
    data: { leftAt: null },
  });
  if (firstTime) {
    await tx.engagementLog.create({
      data: { participantId: participant.id, eventId: event.id, engagementType: 'JOIN', engagementTime: at },
    });
  }
  append(
    feeds.event(event.id),
    participantJoined.draft(
      { participantId: participant.id, actor, firstTime },
      { audience: 'moderators', actorId: viewer.id, subjectId: participant.id },
    ),
  );
  return participant.id;
}
