import type { Prisma } from '../generated/prisma/client.ts';

export type Json = Prisma.InputJsonValue;
export type Payload = { readonly [key: string]: Json | null };

/** Who may see an entry. */
export type Audience = 'everyone' | 'moderators' | `user:${string}`;

/** One fact of a feed, as it is kept in PostgreSQL, carried by the broker and held in tails. */
export interface Entry<P extends Payload = Payload> {
  readonly feed: string;
  /** 1 for a feed's first entry; no holes; the order of commits. */
  readonly sequence: number;
  readonly kind: string;
  readonly audience: Audience;
  readonly actorId: string | null;
  readonly subjectId: string | null;
  readonly payload: P;
  /** Milliseconds since 1970, by the database's clock. Never runs backwards within a feed. */
  readonly occurredAt: number;
  /** Milliseconds since the event first went live; null before, and on feeds that are no event's. */
  readonly streamOffset: number | null;
  readonly redacts: Redaction | null;
}

/**
 * Makes earlier entries of the same feed forget: `patch` is merged into the payload of each that has this actor and, where
 * given, this subject. Holds for the log and for every instance's tail, so a text that was removed is gone from replays.
 */
export interface Redaction {
  readonly actorId: string;
  readonly subjectId?: string;
  readonly patch: Payload;
}

/** A fact about to be appended. */
export interface EntryDraft {
  readonly kind: string;
  readonly payload: Payload;
  /** @default 'everyone' */
  readonly audience?: Audience;
  readonly actorId?: string;
  readonly subjectId?: string;
  readonly redacts?: Redaction;
  /** The event went live: streamOffset counts from here, unless it counts already. */
  readonly startsClock?: true;
}

/** What kind of fact an entry is, and what its payload holds. */
export interface Fact<Kind extends string, P extends Payload> {
  readonly kind: Kind;
  draft(payload: P, about?: Omit<EntryDraft, 'kind' | 'payload'>): EntryDraft;
  /** Narrows an entry by its kind. Sound because only `draft` makes entries of this kind. */
  is(entry: Entry): entry is Entry<P>;
}

/** Declares a kind of fact: `fact<{ pollId: string }>()('PollClosed')`. */
export function fact<P extends Payload>() {
  return <Kind extends string>(kind: Kind): Fact<Kind, P> => ({
    kind,
    draft: (payload, about) => ({ ...about, kind, payload }),
    is: (entry): entry is Entry<P> => entry.kind === kind,
  });
}

export function redacted(entry: Entry, { actorId, subjectId, patch }: Redaction): Entry {
  if (entry.actorId !== actorId || (subjectId !== undefined && entry.subjectId !== subjectId)) return entry;
  return { ...entry, payload: { ...entry.payload, ...patch } };
}

export const feeds = {
  event: (eventId: string) => `event:${eventId}`,
  user: (userId: string) => `user:${userId}`,
  /** Public events: announced, changed, live, ended. */
  schedule: 'schedule',
  /** Sessions that ended before their time: what every instance watches to refuse them. */
  sessions: 'sessions',
} as const;

const ofEvent = feeds.event('');

/** The event whose feed this is; null: it is no event's. */
export const eventIdOf = (feed: string): string | null =>
  feed.startsWith(ofEvent) ? feed.slice(ofEvent.length) : null;
