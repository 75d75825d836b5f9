import { chatSettingsDraft } from '../chat/entries.ts';
import { type Audience, feeds } from '../feed/entry.ts';
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
  const hides = event.visibility === 'PRIVATE' && before.visibility !== 'PRIVATE' && changesMore(changes);
  // Whoever may not see it any more hears this, too: nothing but what they knew, and that it is private.
  if (hides) {
    const known = { ...before, host: event.host, visibility: event.visibility };
    work.append(feeds.event(id), eventDraft(videoEventUpdated, known));
  }
  tellUpdated(work, event, { wasPublic: before.visibility === 'PUBLIC', ...(hides ? { audience: 'moderators' } : {}) });
  if (repaced) work.append(feeds.event(id), chatSettingsDraft(event));
}

/** States that the event was changed, in its feed and, where the public may know of it, in the schedule. `audience`: of the feed's entry. */
export function tellUpdated(
  { append }: Pick<Work, 'append'>,
  event: EventWithHost,
  { wasPublic, audience }: { wasPublic: boolean; audience?: Audience },
): void {
  append(feeds.event(event.id), eventDraft(videoEventUpdated, event, { audience }));
  if (event.status === 'DRAFT') return;
  const isPublic = event.visibility === 'PUBLIC';
  if (isPublic) append(feeds.schedule, eventDraft(wasPublic ? videoEventUpdated : videoEventAnnounced, event));
  else if (wasPublic) append(feeds.schedule, videoEventWithdrawn.draft({ eventId: event.id }, { subjectId: event.id }));
}

/** Something besides the visibility. */
const changesMore = (changes: object): boolean =>
  Object.entries(changes).some(([field, value]) => field !== 'visibility' && value !== undefined);
