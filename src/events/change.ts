import { chatSettingsDraft } from '../chat/entries.ts';
import { feeds } from '../feed/entry.ts';
import type { Work } from '../feed/unit-of-work.ts';
import type { VideoEvent } from '../generated/prisma/client.ts';
import {
  type EventWithHost,
  eventDraft,
  snapshotQuery,
  videoEventAnnounced,
  videoEventUpdated,
  videoEventWithdrawn,
} from './entries.ts';
import type { eventChanges } from './input.ts';

/** Changes an event and states it. The caller has locked its row, and `before` is what it holds. */
export async function change(
  work: Work,
  before: VideoEvent,
  changes: ReturnType<typeof eventChanges.parse>,
): Promise<void> {
  const { id, slowModeSeconds } = before;
  const repaced = changes.slowModeSeconds !== undefined && changes.slowModeSeconds !== slowModeSeconds;
  const event = await work.tx.videoEvent.update({
    where: { id },
    data: { ...changes, ...(repaced ? { chatRevision: { increment: 1 } } : {}) },
    ...snapshotQuery,
  });
  tellUpdated(work, event, { wasPublic: before.visibility === 'PUBLIC' });
  if (repaced) work.append(feeds.event(id), chatSettingsDraft(event));
}

/** States that the event was changed, in its feed and, where the public may know of it, in the schedule. */
export function tellUpdated(
  { append }: Pick<Work, 'append'>,
  event: EventWithHost,
  { wasPublic }: { wasPublic: boolean },
): void {
  append(feeds.event(event.id), eventDraft(videoEventUpdated, event));
  if (event.status === 'DRAFT') return;
  const isPublic = event.visibility === 'PUBLIC';
  if (isPublic) append(feeds.schedule, eventDraft(wasPublic ? videoEventUpdated : videoEventAnnounced, event));
  else if (wasPublic) append(feeds.schedule, videoEventWithdrawn.draft({ eventId: event.id }, { subjectId: event.id }));
}
