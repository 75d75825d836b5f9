import { type Profile, profileColumns, profileOf } from '../accounts/profile.ts';
import { type EntryDraft, type Fact, fact } from '../feed/entry.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import type { EventStatus, EventVisibility } from '../generated/prisma/enums.ts';

/** An event as it was at the moment of a fact: what everybody who sees it may know. Instants are ISO 8601 strings. */
export type EventSnapshot = {
  readonly eventId: string;
  readonly title: string;
  readonly description: string;
  readonly streamUrl: string | null;
  readonly coverImageUrl: string | null;
  readonly scheduledAt: string;
  readonly status: EventStatus;
  readonly visibility: EventVisibility;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly capacity: number | null;
  readonly slowModeSeconds: number;
  /** Absent from facts that are older than it. */
  readonly questionsPreModerated?: boolean;
  /** Absent from facts that are older than reactions. */
  readonly allowedReactions?: readonly string[];
};

/** `actor` is the host, whoever acted for them: a deleted account is made anonymous by this key. */
export type EventPayload = { readonly event: EventSnapshot; readonly actor: Profile };
export type EventFact = Fact<string, EventPayload>;

// In an event's own feed.
export const videoEventScheduled = fact<EventPayload>()('VideoEventScheduled');
// In the event's feed, and in the schedule while the event is public.
export const videoEventUpdated = fact<EventPayload>()('VideoEventUpdated');
export const videoEventWentLive = fact<EventPayload>()('VideoEventWentLive');
export const videoEventInterrupted = fact<EventPayload>()('VideoEventInterrupted');
export const videoEventResumed = fact<EventPayload>()('VideoEventResumed');
export const videoEventEnded = fact<EventPayload>()('VideoEventEnded');
export const videoEventCancelled = fact<EventPayload>()('VideoEventCancelled');
// In the schedule: the event appears there, or leaves it.
export const videoEventAnnounced = fact<EventPayload>()('VideoEventAnnounced');
export const videoEventWithdrawn = fact<{ eventId: string }>()('VideoEventWithdrawn');
/** The last entry of an event's feed. */
export const videoEventDeleted = fact<{ eventId: string }>()('VideoEventDeleted');

/** `actor` is who was invited. For moderators only. */
export const userInvited = fact<{ actor: Profile }>()('UserInvited');
/** `actor` is who is invited no more. For moderators only. */
export const userUninvited = fact<{ actor: Profile }>()('UserUninvited');

/** What a snapshot is made of. */
export const snapshotQuery = { include: { host: { select: profileColumns } } } as const;
export type EventWithHost = Prisma.VideoEventGetPayload<typeof snapshotQuery>;

function snapshotOf(event: EventWithHost): EventSnapshot {
  const {
    title,
    description,
    streamUrl,
    coverImageUrl,
    status,
    visibility,
    capacity,
    slowModeSeconds,
    allowedReactions,
  } = event;
  return {
    eventId: event.id,
    title,
    description,
    streamUrl,
    coverImageUrl,
    scheduledAt: event.scheduledAt.toISOString(),
    status,
    visibility,
    startedAt: event.startedAt?.toISOString() ?? null,
    endedAt: event.endedAt?.toISOString() ?? null,
    capacity,
    slowModeSeconds,
    questionsPreModerated: event.questionsPreModerated,
    allowedReactions,
  };
}

/** The fact about the event as it is now. */
export function eventDraft(
  kind: EventFact,
  event: EventWithHost,
  about?: Pick<EntryDraft, 'startsClock' | 'audience'>,
): EntryDraft {
  const payload = { event: snapshotOf(event), actor: profileOf(event.host) };
  return kind.draft(payload, { ...about, actorId: event.hostId, subjectId: event.id });
}
