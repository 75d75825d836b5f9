import { profileOf } from '../accounts/profile.ts';
import type { Db } from '../db/client.ts';
import { databaseNow } from '../db/clock.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { encodeGlobalId } from '../global-id.ts';
import { type EngagementFilter, engagementsSql } from './filter.ts';
import { subjectOf } from './subjects.ts';

/** An engagement as it leaves: ids are global, as everywhere in the API. */
export interface ExportedEngagement {
  readonly id: string;
  readonly participantId: string;
  readonly userId: string;
  readonly username: string;
  readonly engagementType: string;
  /** ISO 8601, in UTC, with milliseconds. */
  readonly engagementTime: string;
  readonly count: number;
  /** What a REACTION was given with. */
  readonly emoji: string | null;
  /** Null: it is about nothing that has an id. */
  readonly subjectId: string | null;
  readonly payload: Prisma.JsonValue;
}

interface Row {
  id: string;
  participantId: string;
  userId: string;
  username: string;
  deletedAt: Date | null;
  engagementType: string;
  engagementTime: Date;
  count: number;
  emoji: string | null;
  subjectId: string | null;
  payload: Prisma.JsonValue;
}

/** Rows that are in memory at a time. */
const pageSize = 500;

/** The clock rounds, and instances' statements overlap: what was written a moment before the beginning belongs to it. In ms. */
const moment = 1000;

/**
 * An event's engagements, oldest first, up to now, a page at a time: each is a statement of its own, begun when it is asked for, so
 * that a reader may take all the time it wants. Throws InvalidInputError at once.
 */
export async function engagementPages(
  db: Db,
  eventId: string,
  filter: EngagementFilter,
): Promise<AsyncGenerator<readonly ExportedEngagement[], undefined>> {
  const filtered = engagementsSql(filter);
  const until = new Date((await databaseNow(db)).getTime() + moment);
  return pages(db, Prisma.sql`e."eventId" = ${eventId}::uuid AND e."engagementTime" < ${until} ${filtered}`);
}

async function* pages(db: Db, where: Prisma.Sql): AsyncGenerator<readonly ExportedEngagement[], undefined> {
  let behind = Prisma.empty;
  for (;;) {
    const rows = await db.$queryRaw<Row[]>`
      SELECT e.id, e."participantId", p."userId", u.username, u."deletedAt", e."engagementType", e."engagementTime", e.count,
        e.emoji, e."subjectId", e.payload
      FROM "EngagementLog" e JOIN "Participant" p ON p.id = e."participantId" JOIN "User" u ON u.id = p."userId"
      WHERE ${where} ${behind} ORDER BY e."engagementTime", e.id LIMIT ${pageSize}`;
    if (rows.length > 0) yield rows.map(exported);
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return;
    behind = Prisma.sql`AND (e."engagementTime", e.id) > (${last.engagementTime}, ${last.id}::uuid)`;
  }
}

function exported({ userId, username, deletedAt, ...row }: Row): ExportedEngagement {
  const subject = subjectOf(row);
  return {
    id: encodeGlobalId('EngagementLog', row.id),
    participantId: encodeGlobalId('Participant', row.participantId),
    userId: encodeGlobalId('User', userId),
    username: profileOf({ id: userId, username, deletedAt, displayName: '', avatarUrl: null }).username,
    engagementType: row.engagementType,
    engagementTime: row.engagementTime.toISOString(),
    count: row.count,
    emoji: row.emoji,
    subjectId: subject === null ? null : encodeGlobalId(subject.typename, subject.id),
    payload: row.payload,
  };
}
