import type { Viewer } from '../auth/viewer.ts';
import type { Db, Transaction } from '../db/client.ts';
import { type DomainError, ForbiddenError, NotFoundError } from '../errors.ts';
import type { Audience } from '../feed/entry.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { EventStatus, EventVisibility } from '../generated/prisma/enums.ts';
import { SanctionedError, type SanctionTerms } from '../moderation/errors.ts';

/** What the event's chat takes, from whoever does not moderate. */
export interface ChatModes {
  /** Grows with every change to these and to the blocked words. */
  readonly revision: number;
  /** Seconds between two messages of one participant; 0: off. */
  readonly slowModeSeconds: number;
  /** Only who holds a place speaks; if not, the first message takes one. */
  readonly participantsOnly: boolean;
  /** Nobody repeats what was said a moment ago. */
  readonly unique: boolean;
  readonly emoteOnly: boolean;
  readonly closed: boolean;
  /** There are blocked words. */
  readonly blocksWords: boolean;
}

/** Facts about one person and one event: what rules and audiences are decided by. */
export interface Standing {
  readonly event: {
    readonly id: string;
    readonly hostId: string;
    readonly status: EventStatus;
    readonly visibility: EventVisibility;
    readonly chat: ChatModes;
    /** Seats; null: no limit. */
    readonly capacity: number | null;
    /** Neither taken nor offered to somebody. Null: as many as anybody wants. */
    readonly freeSeats: number | null;
  };
  /** Null: a guest. */
  readonly viewerId: string | null;
  readonly isHost: boolean;
  readonly isModerator: boolean;
  readonly isAdmin: boolean;
  readonly isInvited: boolean;
  /** The row of a viewer who holds a place now; null for one who never joined or has left. */
  readonly participantId: string | null;
  /** What is in force now. Null: nothing. */
  readonly sanction: SanctionTerms | null;
}

/** The host or an admin: may change the event. */
export const runs = ({ isHost, isAdmin }: Standing): boolean => isHost || isAdmin;

/** The host, a moderator or an admin: sees what is not for everybody, and keeps order. */
export const moderates = (standing: Standing): boolean => runs(standing) || standing.isModerator;

/** May read the event. `visibleTo` says the same to the database. */
export function maySee(standing: Standing): boolean {
  if (moderates(standing)) return true;
  const { status, visibility } = standing.event;
  if (status === 'DRAFT') return false;
  return visibility !== 'PRIVATE' || standing.isInvited || standing.participantId !== null;
}

export const isBanned = ({ sanction }: Standing): boolean => sanction?.kind === 'BAN';

/** Why somebody with this standing may not follow the event live; null: they may. */
export function followingRefused(standing: Standing | undefined): DomainError | null {
  if (standing === undefined) return new NotFoundError('Event');
  if (!maySee(standing)) return new ForbiddenError('You may no longer see this event.');
  return standing.sanction !== null && isBanned(standing) ? new SanctionedError(standing.sanction) : null;
}

/** The entries of the event's feed a person with this standing reads. */
export function audiencesOf(standing: Standing): ReadonlySet<Audience> {
  const audiences = new Set<Audience>(['everyone']);
  if (moderates(standing)) audiences.add('moderators');
  if (standing.viewerId !== null) audiences.add(`user:${standing.viewerId}`);
  return audiences;
}

const holdsPlace = (userId: string) => ({ participants: { some: { userId, leftAt: null } } });

// An empty OR is no way to say this: nested in AND, findUnique drops it.
const none = { id: { in: [] } };

/** The events whose host or moderator somebody is; all of them for an admin. */
export function moderatedBy(viewer: Viewer | null): Prisma.VideoEventWhereInput {
  if (viewer === null) return none;
  return viewer.role === 'ADMIN' ? {} : keptBy(viewer);
}

/** The events somebody may change. */
export function runBy(viewer: Viewer | null): Prisma.VideoEventWhereInput {
  if (viewer === null) return none;
  return viewer.role === 'ADMIN' ? {} : { hostId: viewer.id };
}

/** The events somebody hosts or moderates, admin or not. */
export const keptBy = (viewer: Viewer): Prisma.VideoEventWhereInput => ({
  OR: [{ hostId: viewer.id }, { moderators: { some: { userId: viewer.id } } }],
});

/**
 * The events somebody may read. The host, moderators and admins: always. Others: not while it is a draft; PUBLIC and UNLISTED for
 * everybody, guests too; PRIVATE for the invited and for present participants.
 */
export function visibleTo(viewer: Viewer | null): Prisma.VideoEventWhereInput {
  if (viewer === null) return { status: { not: 'DRAFT' }, visibility: { not: 'PRIVATE' } };
  if (viewer.role === 'ADMIN') return {};
  const published: Prisma.VideoEventWhereInput = {
    status: { not: 'DRAFT' },
    OR: [{ visibility: { not: 'PRIVATE' } }, { invites: { some: { userId: viewer.id } } }, holdsPlace(viewer.id)],
  };
  return { OR: [keptBy(viewer), published] };
}

/** What lists show: as `visibleTo`, but an UNLISTED event only to its host, moderators and participants, and to admins. */
export function listedFor(viewer: Viewer | null): Prisma.VideoEventWhereInput {
  if (viewer === null) return { status: { not: 'DRAFT' }, visibility: 'PUBLIC' };
  if (viewer.role === 'ADMIN') return {};
  const listed: Prisma.VideoEventWhereInput = {
    OR: [{ visibility: { not: 'UNLISTED' } }, keptBy(viewer), holdsPlace(viewer.id)],
  };
  return { AND: [visibleTo(viewer), listed] };
}

/** Of rows of "Sanction" as `s`: not lifted, and not over. The one place that says what counts. */
export const inForce = Prisma.sql`s."liftedAt" IS NULL AND (s.until IS NULL OR s.until > clock_timestamp())`;

/** Those of these people who are banned in the event. */
export async function bannedOf(
  tx: Transaction,
  { eventId, userIds }: { eventId: string; userIds: readonly string[] },
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ userId: string }[]>`
    SELECT s."userId" FROM "Sanction" s
    WHERE s."eventId" = ${eventId}::uuid AND s."userId" = ANY(${[...userIds]}::uuid[]) AND s.kind = 'BAN' AND ${inForce}`;
  return rows.map(({ userId }) => userId);
}

/** Of rows of "VideoEvent" as `e`: ChatModes. */
const chatModes = Prisma.sql`jsonb_build_object('revision', e."chatRevision", 'slowModeSeconds', e."slowModeSeconds",
  'participantsOnly', e."chatParticipantsOnly", 'unique', e."chatUnique", 'emoteOnly', e."chatEmoteOnly", 'closed', e."chatClosed",
  'blocksWords', EXISTS (SELECT 1 FROM "BlockedWord" b WHERE b."eventId" = e.id))`;

interface StandingRow {
  id: string;
  hostId: string;
  status: EventStatus;
  visibility: EventVisibility;
  chat: ChatModes;
  capacity: number | null;
  freeSeats: number | null;
  viewerId: string | null;
  isModerator: boolean;
  isInvited: boolean;
  participantId: string | null;
  sanctionKind: SanctionTerms['kind'] | null;
  sanctionReason: string | null;
  sanctionUntil: Date | null;
}

/** Whose standing is asked for: an account and its role. */
export type Person = Pick<Viewer, 'id' | 'role'>;

/**
 * How each of these people stands to the event, in their order, in one query; empty when there is no such event. Who is named more
 * than once, as all guests are, is asked about once.
 */
export async function standingsIn(
  db: Db | Transaction,
  viewers: readonly (Person | null)[],
  eventId: string,
): Promise<Standing[]> {
  const ids = [...new Set(viewers.map((viewer) => viewer?.id ?? null))];
  const rows = await db.$queryRaw<StandingRow[]>`
    SELECT e.id, e."hostId", e.status::text AS status, e.visibility::text AS visibility, ${chatModes} AS chat, e.capacity,
      e.capacity - e."seatsTaken" - e."seatsOffered" AS "freeSeats", v.id AS "viewerId",
      m."userId" IS NOT NULL AS "isModerator", i."userId" IS NOT NULL AS "isInvited", p.id AS "participantId",
      s.kind::text AS "sanctionKind", s.reason AS "sanctionReason", s.until AS "sanctionUntil"
    FROM "VideoEvent" e
    CROSS JOIN unnest(${ids}::uuid[]) AS v(id)
    LEFT JOIN "EventModerator" m ON m."eventId" = e.id AND m."userId" = v.id
    LEFT JOIN "EventInvite" i ON i."eventId" = e.id AND i."userId" = v.id
    LEFT JOIN "Participant" p ON p."eventId" = e.id AND p."userId" = v.id AND p."leftAt" IS NULL
    LEFT JOIN "Sanction" s ON s."eventId" = e.id AND s."userId" = v.id AND ${inForce}
    WHERE e.id = ${eventId}::uuid`;
  const byPerson = new Map(rows.map((row) => [row.viewerId, row]));
  return viewers.flatMap((viewer) => {
    const row = byPerson.get(viewer?.id ?? null);
    return row === undefined ? [] : [standingFrom(row, viewer)];
  });
}

function standingFrom(row: StandingRow, viewer: Person | null): Standing {
  const { id, hostId, status, visibility, chat, capacity, freeSeats, ...person } = row;
  const { viewerId, isModerator, isInvited, participantId, sanctionKind, sanctionReason, sanctionUntil } = person;
  return {
    event: { id, hostId, status, visibility, chat, capacity, freeSeats },
    viewerId,
    isHost: viewerId === hostId,
    isModerator,
    isAdmin: viewer?.role === 'ADMIN',
    isInvited,
    participantId,
    sanction: sanctionKind === null ? null : { kind: sanctionKind, reason: sanctionReason ?? '', until: sanctionUntil },
  };
}

/** How the viewer stands to the event, in one query; null when there is none, or none the viewer may know of. */
export async function standingIn(
  db: Db | Transaction,
  viewer: Viewer | null,
  eventId: string,
): Promise<Standing | null> {
  const [standing] = await standingsIn(db, [viewer], eventId);
  return standing !== undefined && maySee(standing) ? standing : null;
}
