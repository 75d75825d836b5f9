import { z } from 'zod';
import type { Viewer } from '../auth/viewer.ts';
import { ForbiddenError } from '../errors.ts';
import { moderates } from '../events/access.ts';
import { tellUpdated } from '../events/change.ts';
import { snapshotQuery } from '../events/entries.ts';
import { IllegalTransitionError } from '../events/errors.ts';
import { optional, slowModeSeconds } from '../events/input.ts';
import { lockEvent } from '../events/lock.ts';
import { isClosed } from '../events/rules.ts';
import { feeds } from '../feed/entry.ts';
import type { Write } from '../feed/unit-of-work.ts';
import type { VideoEvent } from '../generated/prisma/client.ts';
import { parseInput, text } from '../input.ts';
import { recordAction } from '../moderation/audit.ts';
import { blockedWordLimits, readBlockedWords, writeBlockedWords } from './blocked-words.ts';
import { comparable } from './comparable.ts';
import { chatSettingsDraft } from './entries.ts';

const mode = optional(z.boolean());

const blockedWord = text(1, blockedWordLimits.longest)
  .transform(comparable)
  .refine((word) => word !== '', { error: 'must have characters that show' });

/** Absent: stays as it is. */
const chatChanges = z.object({
  slowModeSeconds: optional(slowModeSeconds),
  participantsOnly: mode,
  unique: mode,
  emoteOnly: mode,
  closed: mode,
  blockedWords: optional(
    z
      .array(blockedWord)
      .max(blockedWordLimits.words, { error: `must have at most ${blockedWordLimits.words} entries` })
      .transform((words) => [...new Set(words)].sort()),
  ),
});
export type ChatChanges = z.input<typeof chatChanges>;

/**
 * Changes what the chat takes; what is given as it is changes nothing. Every message is judged by the settings that hold where it
 * stands in the feed. For who moderates. Throws NotFoundError, ForbiddenError, InvalidInputError, and IllegalTransitionError once the
 * show is over or cancelled.
 */
export function createChangeSettings(write: Write) {
  return (viewer: Viewer, { eventId, ...input }: ChatChanges & { eventId: string }): Promise<{ eventId: string }> => {
    const { blockedWords, ...given } = parseInput(chatChanges, input);
    return write(async (work) => {
      const { tx, append } = work;
      const standing = await lockEvent(tx, viewer, eventId);
      if (!moderates(standing)) throw new ForbiddenError('Only the host and moderators change the chat.');
      if (isClosed(standing.event.status)) throw new IllegalTransitionError(standing.event.status);
      const before = await tx.videoEvent.findUniqueOrThrow({ where: { id: eventId } });
      const data = differences(before, given);
      const words = blockedWords ?? null;
      const blocksOthers =
        words !== null && words.join('\n') !== (await readBlockedWords(tx, eventId)).sort().join('\n');
      const changes = Object.values(data).some((value) => value !== undefined);
      if (!changes && !blocksOthers) return { eventId };

      if (words !== null && blocksOthers) await writeBlockedWords(tx, eventId, words);
      const event = await tx.videoEvent.update({
        where: { id: eventId },
        data: { ...data, chatRevision: { increment: 1 } },
        ...snapshotQuery,
      });
      await recordAction(tx, { eventId, actorId: viewer.id, kind: 'CHAT_SETTINGS_CHANGED' });
      // Snapshots of the event tell its pace, too.
      if (data.slowModeSeconds !== undefined) tellUpdated(work, event, { wasPublic: event.visibility === 'PUBLIC' });
      append(feeds.event(eventId), chatSettingsDraft(event));
      return { eventId };
    });
  };
}

/** The columns that change; the others are undefined. */
function differences(
  before: VideoEvent,
  { slowModeSeconds, participantsOnly, unique, emoteOnly, closed }: Omit<z.output<typeof chatChanges>, 'blockedWords'>,
) {
  return {
    slowModeSeconds: unless(before.slowModeSeconds, slowModeSeconds),
    chatParticipantsOnly: unless(before.chatParticipantsOnly, participantsOnly),
    chatUnique: unless(before.chatUnique, unique),
    chatEmoteOnly: unless(before.chatEmoteOnly, emoteOnly),
    chatClosed: unless(before.chatClosed, closed),
  };
}

const unless = <T>(present: T, given: T | undefined): T | undefined => (given === present ? undefined : given);
