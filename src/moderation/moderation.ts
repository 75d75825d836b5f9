import type { Profile } from '../accounts/profile.ts';
import { readToldProfile } from '../accounts/told-profile.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Db, Transaction } from '../db/client.ts';
import { databaseNow } from '../db/clock.ts';
import { InvalidInputError, NotFoundError } from '../errors.ts';
import { bannedOf } from '../events/access.ts';
import { lockOwn } from '../events/lock.ts';
import { feeds } from '../feed/entry.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { recordAction } from './audit.ts';
import { moderatorAppointed, moderatorDismissed } from './entries.ts';
import { createSanctions, type Sanctions } from './sanctions.ts';

export interface ModeratorInput {
  eventId: string;
  userId: string;
}

/** Who keeps order in an event, which only its host and admins say, and how. Others get ForbiddenError, or NotFoundError where they see no event. */
export interface Moderation extends Sanctions {
  /**
   * Makes a user a moderator of the event; one who is stays so. Throws NotFoundError, ForbiddenError, InvalidInputError (the host
   * needs no appointment).
   */
  appoint(viewer: Viewer, input: ModeratorInput): Promise<ModeratorInput>;
  /** Takes it back; who is no moderator stays none. Throws NotFoundError, ForbiddenError. */
  dismiss(viewer: Viewer, input: ModeratorInput): Promise<ModeratorInput>;
}

export function createModeration({ write, db }: { write: Write; db: Db }): Moderation {
  return {
    ...createSanctions({ write, db }),
    appoint: (viewer, { eventId, userId }) =>
      write(async ({ tx, append }) => {
        const { event } = await lockOwn(tx, viewer, eventId);
        if (event.hostId === userId) {
          throw new InvalidInputError([{ path: 'userId', message: 'is the host, who moderates anyway' }]);
        }
        const actor = await profileIn(tx, userId);
        const [banned] = await bannedOf(tx, { eventId, userIds: [userId] });
        if (banned !== undefined)
          throw new InvalidInputError([{ path: 'userId', message: 'is banned: lift that first' }]);
        const data = [{ eventId, userId, createdAt: await databaseNow(tx) }];
        const { count } = await tx.eventModerator.createMany({ data, skipDuplicates: true });
        const fact = moderatorAppointed.draft({ actor }, { actorId: userId, subjectId: eventId });
        if (count === 0) return { eventId, userId };
        append(feeds.event(eventId), fact);
        await recordAction(tx, { eventId, actorId: viewer.id, kind: 'MODERATOR_APPOINTED', userId });
        return { eventId, userId };
      }),
    dismiss: (viewer, { eventId, userId }) =>
      write(async ({ tx, append }) => {
        await lockOwn(tx, viewer, eventId);
        const actor = await profileIn(tx, userId);
        const { count } = await tx.eventModerator.deleteMany({ where: { eventId, userId } });
        const fact = moderatorDismissed.draft({ actor }, { actorId: userId, subjectId: eventId });
        if (count === 0) return { eventId, userId };
        append(feeds.event(eventId), fact);
        await recordAction(tx, { eventId, actorId: viewer.id, kind: 'MODERATOR_DISMISSED', userId });
        return { eventId, userId };
      }),
  };
}

async function profileIn(tx: Transaction, userId: string): Promise<Profile> {
  const profile = await readToldProfile(tx, userId);
  if (profile === null) throw new NotFoundError('User');
  return profile;
}
