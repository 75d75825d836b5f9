import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import type { EventHook } from '../events/lifecycle.ts';
import { lockEvent } from '../events/lock.ts';
import { Batch } from '../feed/batch.ts';
import { createGroupCommit } from '../feed/group-commit.ts';
import { idempotencyKey } from '../feed/idempotency.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { parseInput } from '../input.ts';
import { offerSeats } from './offers.ts';
import { type Wish, waitTogether } from './wait-together.ts';
import { closeWaitlist, stopWaiting } from './waiting.ts';

/** Who waits for a seat in a full event. Whoever is offered one takes it with `participation.acceptOffer`. */
export interface Waitlist {
  /**
   * Begins to wait; who waits or has an offer keeps it, who holds a place keeps that. Throws NotFoundError, EventNotOpenError,
   * SanctionedError (for the banned), NotFullError (there is a seat), InvalidInputError, IdempotencyConflictError.
   */
  join(viewer: Viewer, input: { eventId: string; idempotencyKey?: string | null }): Promise<{ eventId: string }>;
  /** Waits no longer, or declines the offer, which goes to the next. Without either nothing happens. Throws NotFoundError. */
  leave(viewer: Viewer, input: { eventId: string }): Promise<{ eventId: string }>;
  /** How many wait up to this turn: 1 for who is next. */
  position(entry: { eventId: string; turn: bigint }): Promise<number>;
  /** For when the event is over: nobody waits any more. */
  close: EventHook;
}

export function createWaitlist({ db, write }: { db: Db; write: Write }): Waitlist {
  // When the last seat is taken, many come at once.
  const submit = createGroupCommit<Wish, string>({
    commit: (eventId, wishes) =>
      write(async (work) => {
        const batch = new Batch(wishes);
        await waitTogether(work, eventId, batch);
        return batch.verdicts();
      }),
  });
  return {
    async join(viewer, { eventId, ...input }) {
      const { idempotencyKey: key } = parseInput(idempotencyKey, input);
      return { eventId: await submit(eventId, { viewer, eventId, key }) };
    },
    leave: (viewer, { eventId }) =>
      write(async (work) => {
        await lockEvent(work.tx, viewer, eventId);
        if ((await stopWaiting(work.tx, eventId, [viewer.id], 'CANCELLED')) > 0) await offerSeats(work, eventId);
        return { eventId };
      }),
    position: ({ eventId, turn }) =>
      db.waitlistEntry.count({ where: { eventId, status: 'WAITING', turn: { lte: turn } } }),
    close: ({ tx }, eventId) => closeWaitlist(tx, eventId),
  };
}
