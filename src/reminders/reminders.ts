import type { Viewer } from '../auth/viewer.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { lockEvent } from '../events/lock.ts';
import { isOpen } from '../events/rules.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { NotParticipantError } from '../participation/errors.ts';
import { placeOf } from '../participation/taking-part.ts';

/**
 * Whether people are told of an event that begins soon. They are, unless they say otherwise, here or in their profile
 * (`remindersOn`).
 */
export interface Reminders {
  /** Of an event the viewer hosts or has a place in. Throws NotFoundError, EventNotOpenError, NotParticipantError. */
  mute(viewer: Viewer, input: { eventId: string; muted: boolean }): Promise<{ participantId: string }>;
}

export function createReminders({ write }: { write: Write }): Reminders {
  return {
    mute: (viewer, { eventId, muted }) =>
      write(async ({ tx }) => {
        const standing = await lockEvent(tx, viewer, eventId);
        if (!isOpen(standing.event.status)) throw new EventNotOpenError(standing.event.status);
        if (standing.participantId === null && !standing.isHost) throw new NotParticipantError();
        const participantId = await placeOf(tx, standing);
        await tx.$executeRaw`
          UPDATE "Participant" SET "remindersMuted" = ${muted}, "updatedAt" = clock_timestamp()
          WHERE id = ${participantId}::uuid`;
        return { participantId };
      }),
  };
}
