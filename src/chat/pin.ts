import { deletedProfile } from '../accounts/profile.ts';
import { readToldProfile } from '../accounts/told-profile.ts';
import type { Viewer } from '../auth/viewer.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { moderates, standingIn } from '../events/access.ts';
import { feeds } from '../feed/entry.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { recordAction } from '../moderation/audit.ts';
import { messagePinned, messageUnpinned } from './entries.ts';
import { messageColumns, messageOf } from './message.ts';
import { messageFor } from './remove.ts';

/** Pins a message in place of the one pinned before. Throws NotFoundError (also for a removed one), ForbiddenError. */
export function createPin(write: Write) {
  return (viewer: Viewer, messageId: string): Promise<{ eventId: string }> =>
    write(async ({ tx, append }) => {
      const { message, standing } = await messageFor(tx, viewer, messageId);
      if (!moderates(standing)) throw new ForbiddenError('Only the host and moderators pin messages.');
      // Held until the commit, so that a removal comes after the pin and takes it off, or before it and prevents it.
      const present = await tx.$queryRaw<unknown[]>`
        SELECT 1 FROM "Message" WHERE id = ${messageId}::uuid AND "removedAt" IS NULL FOR SHARE`;
      if (present.length === 0) throw new NotFoundError('Message');
      const { eventId } = message;
      const pinned = await tx.videoEvent.updateMany({
        where: { id: eventId, OR: [{ pinnedMessageId: null }, { pinnedMessageId: { not: messageId } }] },
        data: { pinnedMessageId: messageId },
      });
      if (pinned.count > 0) {
        const row = await tx.message.findUniqueOrThrow({ where: { id: messageId }, select: messageColumns });
        const { sentAt, ...content } = messageOf(row);
        const actor = (await readToldProfile(tx, message.authorId)) ?? deletedProfile(message.authorId);
        await recordAction(tx, {
          eventId,
          actorId: viewer.id,
          kind: 'MESSAGE_PINNED',
          userId: message.authorId,
          messageId,
        });
        append(
          feeds.event(eventId),
          // The author's words: what removes them must find them.
          messagePinned.draft(
            { ...content, actor, sentAt: sentAt.getTime() },
            { actorId: message.authorId, subjectId: messageId },
          ),
        );
      }
      return { eventId };
    });
}

/** Takes off the event's pinned message; without one, nothing changes. Throws NotFoundError, ForbiddenError. */
export function createUnpin(write: Write) {
  return (viewer: Viewer, eventId: string): Promise<{ eventId: string }> =>
    write(async ({ tx, append }) => {
      const standing = await standingIn(tx, viewer, eventId);
      if (standing === null) throw new NotFoundError('Event');
      if (!moderates(standing)) throw new ForbiddenError('Only the host and moderators unpin messages.');
      const [was] = await tx.$queryRaw<{ id: string | null }[]>`
        SELECT "pinnedMessageId" AS id FROM "VideoEvent" WHERE id = ${eventId}::uuid FOR NO KEY UPDATE`;
      const messageId = was?.id ?? null;
      if (messageId === null) return { eventId };
      await tx.videoEvent.update({ where: { id: eventId }, data: { pinnedMessageId: null } });
      await recordAction(tx, { eventId, actorId: viewer.id, kind: 'MESSAGE_UNPINNED', messageId });
      append(feeds.event(eventId), messageUnpinned.draft({ messageId }, { actorId: viewer.id, subjectId: messageId }));
      return { eventId };
    });
}
