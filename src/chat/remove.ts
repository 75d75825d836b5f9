import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { isBanned, moderates, type Standing, standingIn } from '../events/access.ts';
import { feeds } from '../feed/entry.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import { recordAction } from '../moderation/audit.ts';
import { SanctionedError } from '../moderation/errors.ts';
import { messageRemoved, messageUnpinned, type Remover } from './entries.ts';
import { authorRemovalHours } from './rules.ts';

/**
 * Takes a message's text away, here and from the feed's past. Removing a removed one changes nothing. Throws NotFoundError;
 * ForbiddenError for anybody but a moderator and, for six hours, the author; SanctionedError for an author who is banned.
 */
export function createRemove(write: Write) {
  return (viewer: Viewer, messageId: string): Promise<string> =>
    write(async (work) => {
      const { tx } = work;
      const { message, standing } = await messageFor(tx, viewer, messageId);
      const removedBy: Remover = message.authorId === viewer.id ? 'AUTHOR' : 'MODERATOR';
      if (removedBy === 'MODERATOR' && !moderates(standing))
        throw new ForbiddenError('Only moderators remove messages of others.');
      if (standing.sanction !== null && isBanned(standing)) throw new SanctionedError(standing.sanction);
      const removed = await tx.$executeRaw`
        UPDATE "Message" SET text = NULL, "removedAt" = clock_timestamp(), "removedBy" = ${removedBy}::"MessageRemover",
          "updatedAt" = clock_timestamp()
        WHERE id = ${messageId}::uuid AND "removedAt" IS NULL
          AND (${moderates(standing)} OR "createdAt" > clock_timestamp() - make_interval(hours => ${authorRemovalHours}))`;
      if (removed === 0) {
        const { removedAt } = await tx.message.findUniqueOrThrow({
          where: { id: messageId },
          select: { removedAt: true },
        });
        if (removedAt === null) throw new ForbiddenError(`Authors remove messages within ${authorRemovalHours} hours.`);
        return messageId;
      }
      await stateRemoval(work, viewer, { ...message, messageId, removedBy });
      return messageId;
    });
}

interface Removal {
  messageId: string;
  eventId: string;
  authorId: string;
  removedBy: Remover;
}

/**
 * Takes a message's text away in the name of a moderator, within the caller's work; one that is removed stays as it is. The caller has
 * seen that the viewer moderates.
 */
export async function removeAsModerator(
  work: Work,
  viewer: Viewer,
  message: Omit<Removal, 'removedBy'>,
): Promise<void> {
  const removed = await work.tx.$executeRaw`
    UPDATE "Message" SET text = NULL, "removedAt" = clock_timestamp(), "removedBy" = 'MODERATOR', "updatedAt" = clock_timestamp()
    WHERE id = ${message.messageId}::uuid AND "removedAt" IS NULL`;
  if (removed > 0) await stateRemoval(work, viewer, { ...message, removedBy: 'MODERATOR' });
}

/** The text is gone from the row: the feed forgets it, too, and the message is pinned no more. */
async function stateRemoval({ tx, append }: Work, viewer: Viewer, removal: Removal): Promise<void> {
  const { messageId, eventId, authorId, removedBy } = removal;
  if (removedBy === 'MODERATOR') {
    await recordAction(tx, { eventId, actorId: viewer.id, kind: 'MESSAGE_REMOVED', userId: authorId, messageId });
  }
  const feed = feeds.event(eventId);
  append(
    feed,
    messageRemoved.draft(
      { messageId, removedBy },
      {
        actorId: viewer.id,
        subjectId: messageId,
        redacts: { actorId: authorId, subjectId: messageId, patch: { text: null, removedBy } },
      },
    ),
  );
  const unpinned = await tx.videoEvent.updateMany({
    where: { id: eventId, pinnedMessageId: messageId },
    data: { pinnedMessageId: null },
  });
  if (unpinned.count > 0) append(feed, messageUnpinned.draft({ messageId }, { subjectId: messageId }));
}

/** The message and how the viewer stands to its event. Throws NotFoundError where the viewer may not know of it. */
export async function messageFor(
  tx: Transaction,
  viewer: Viewer,
  messageId: string,
): Promise<{ message: { authorId: string; eventId: string }; standing: Standing }> {
  const message = await tx.message.findUnique({ where: { id: messageId }, select: { authorId: true, eventId: true } });
  const standing = message === null ? null : await standingIn(tx, viewer, message.eventId);
  if (message === null || standing === null) throw new NotFoundError('Message');
  return { message, standing };
}
