import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { ForbiddenError } from '../errors.ts';
import { lockEvent } from '../events/lock.ts';
import { Batch } from '../feed/batch.ts';
import { createGroupCommit } from '../feed/group-commit.ts';
import { idempotencyKey } from '../feed/idempotency.ts';
import type { Write } from '../feed/unit-of-work.ts';
import type { Participant, Prisma } from '../generated/prisma/client.ts';
import { parseInput } from '../input.ts';
import { visiblePlaces } from './access.ts';
import type { OnEngaged } from './engaged.ts';
import { type Joining, joinTogether } from './join-together.ts';
import { leaveSeats } from './seats.ts';

export type PlaceQuery = Pick<Prisma.ParticipantFindFirstArgs, 'select' | 'include'>;

/** People's places in events. */
export interface Participation {
  /**
   * Takes a place; whoever holds one keeps it, whoever left comes back to theirs. Throws NotFoundError (also for a private event
   * without an invite), EventNotOpenError, CapacityError, SanctionedError (for the banned),
   * InvalidInputError, IdempotencyConflictError.
   */
  join(
    viewer: Viewer,
    input: { eventId: string; idempotencyKey?: string | null },
  ): Promise<{ participantId: string; eventId: string }>;
  /**
   * Takes the seat that whoever waited was offered, as `join` does. Throws the same but CapacityError, and NoOfferError,
   * OfferExpiredError.
   */
  acceptOffer: Participation['join'];
  /** Frees the seat, which is offered to whoever waits; without a place nothing happens. Throws NotFoundError, and ForbiddenError for the host. */
  leave(viewer: Viewer, input: { eventId: string }): Promise<{ eventId: string }>;
  /** A place the viewer may know of. */
  find(viewer: Viewer | null, participantId: string, query: PlaceQuery): Promise<Participant | null>;
  /** The viewer's own place in an event they see, whether they hold it or left it. */
  findOwn(viewer: Viewer, eventId: string, query: PlaceQuery): Promise<Participant | null>;
}

export interface ParticipationDeps {
  db: Db;
  write: Write;
  onEngaged: OnEngaged;
}

export function createParticipation({ db, write, onEngaged }: ParticipationDeps): Participation {
  // A show begins with a rush: those who come in the same moment are let in together.
  const submit = createGroupCommit<Joining, string>({
    commit: (eventId, joinings) =>
      write(async (work) => {
        const batch = new Batch(joinings);
        await onEngaged(work, eventId, await joinTogether(work, eventId, batch));
        return batch.verdicts();
      }),
  });
  const comeIn =
    ({ accepting }: Pick<Joining, 'accepting'>): Participation['join'] =>
    async (viewer, { eventId, ...input }) => {
      const { idempotencyKey: key } = parseInput(idempotencyKey, input);
      return { participantId: await submit(eventId, { viewer, eventId, accepting, key }), eventId };
    };
  return {
    join: comeIn({ accepting: false }),
    acceptOffer: comeIn({ accepting: true }),
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
