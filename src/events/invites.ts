import type { Profile } from '../accounts/profile.ts';
import { readToldProfiles } from '../accounts/told-profile.ts';
import type { Viewer } from '../auth/viewer.ts';
import { databaseNow } from '../db/clock.ts';
import { InvalidInputError, NotFoundError } from '../errors.ts';
import { type Fact, feeds } from '../feed/entry.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import { parseInput } from '../input.ts';
import { putOut } from '../participation/seats.ts';
import { bannedOf } from './access.ts';
import { userInvited, userUninvited } from './entries.ts';
import { userList } from './input.ts';
import { lockOwn } from './lock.ts';

export interface InviteInput {
  eventId: string;
  /** 1 to 100 users. */
  userIds: readonly string[];
}

export interface Invites {
  /** Lets these users see and join the event while it is private. Those already invited stay so. Throws NotFoundError for one who is not. */
  invite(viewer: Viewer, input: InviteInput): Promise<{ eventId: string }>;
  /**
   * Takes invitations back; who has none is passed over. Of a private event they also lose their places, and their turns on the waitlist, and open subscriptions
   * of theirs end.
   */
  uninvite(viewer: Viewer, input: InviteInput): Promise<{ eventId: string }>;
}

export function createInvites({ write }: { write: Write }): Invites {
  return {
    invite(viewer, { eventId, ...input }) {
      const { userIds } = parseInput(userList, input);
      return write(async (work) => {
        await lockOwn(work.tx, viewer, eventId);
        const found = await work.tx.user.count({ where: { id: { in: userIds }, deletedAt: null } });
        if (found < userIds.length) throw new NotFoundError('User');
        const banned = await bannedOf(work.tx, { eventId, userIds });
        if (banned.length > 0) {
          const message = `has people who are banned: lift that first (${banned.length} of ${userIds.length})`;
          throw new InvalidInputError([{ path: 'userIds', message }]);
        }
        const createdAt = await databaseNow(work.tx);
        const created = await work.tx.eventInvite.createManyAndReturn({
          data: userIds.map((userId) => ({ eventId, userId, createdAt })),
          skipDuplicates: true,
        });
        await tell(work, { eventId, userIds: created.map(({ userId }) => userId), kind: userInvited });
        return { eventId };
      });
    },
    uninvite(viewer, { eventId, ...input }) {
      const { userIds } = parseInput(userList, input);
      return write(async (work) => {
        const { event } = await lockOwn(work.tx, viewer, eventId);
        const invited = await work.tx.eventInvite.findMany({ where: { eventId, userId: { in: userIds } } });
        const gone = invited.map(({ userId }) => userId);
        await work.tx.eventInvite.deleteMany({ where: { eventId, userId: { in: gone } } });
        await tell(work, { eventId, userIds: gone, kind: userUninvited });
        if (event.visibility === 'PRIVATE') {
          const leaving = userIds.filter((id) => id !== event.hostId);
          await putOut(work, eventId, leaving);
        }
        return { eventId };
      });
    },
  };
}

interface Told {
  eventId: string;
  userIds: readonly string[];
  kind: Fact<string, { actor: Profile }>;
}

async function tell({ tx, append }: Work, { eventId, userIds, kind }: Told): Promise<void> {
  for (const actor of await readToldProfiles(tx, userIds)) {
    append(
      feeds.event(eventId),
      kind.draft({ actor }, { audience: 'moderators', actorId: actor.userId, subjectId: eventId }),
    );
  }
}
