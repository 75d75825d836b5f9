import type { Db, Transaction } from '../db/client.ts';
import { feeds } from '../feed/entry.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { sampledEverySeconds } from '../presence/sampling.ts';

/** From this instant on the rows of an event are dated so much later, in ms (negative: earlier), until the next of these. */
export interface Shift {
  readonly from: Date;
  readonly by: number;
}

export interface Past {
  readonly eventId: string;
  /** In the order of time. */
  readonly shifts: readonly Shift[];
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** From when to when they watched, by participant's user id. */
  readonly watched: ReadonlyMap<string, { from: Date; to: Date }>;
}

/**
 * Dates a show back that was just played in a moment. What happened in it went through the capabilities; when, and who looked on,
 * no capability lets anybody say.
 */
export const moveToThePast = (db: Db, past: Past): Promise<void> =>
  db.$transaction(async (tx) => {
    const { eventId, startedAt, endedAt } = past;
    for (const { table, columns } of dated) await shiftColumns(tx, past, table, columns);
    await shiftEntries(tx, past);
    await tx.feed.update({ where: { name: feeds.event(eventId) }, data: { originAt: startedAt, lastAt: endedAt } });
    await writeAttendance(tx, past);
    await tx.videoEvent.update({ where: { id: eventId }, data: { scheduledAt: startedAt, startedAt, endedAt } });
  });

const dated: readonly { table: string; columns: readonly string[] }[] = [
  { table: 'Participant', columns: ['joinedAt', 'lastMessageAt'] },
  { table: 'EngagementLog', columns: ['engagementTime', 'createdAt'] },
  { table: 'Message', columns: ['createdAt'] },
  { table: 'Poll', columns: ['createdAt', 'openedAt', 'closedAt'] },
  { table: 'PollBallot', columns: ['createdAt'] },
  { table: 'Question', columns: ['createdAt', 'answeredAt'] },
  { table: 'QuestionUpvote', columns: ['createdAt'] },
  { table: 'ModerationAction', columns: ['createdAt'] },
];

function shiftColumns(tx: Transaction, { eventId, shifts }: Past, table: string, columns: readonly string[]) {
  const values = columns.map((name) => {
    const column = Prisma.raw(`t."${name}"`);
    return Prisma.sql`${Prisma.raw(`"${name}"`)} = ${column} + COALESCE((SELECT make_interval(secs => s.by / 1000.0)
      FROM jsonb_to_recordset(${JSON.stringify(shifts)}::jsonb) AS s("from" timestamptz, by float8)
      WHERE s."from" <= ${column} ORDER BY s."from" DESC LIMIT 1), interval '0')`;
  });
  return tx.$executeRaw`
    UPDATE ${Prisma.raw(`"${table}"`)} t SET ${Prisma.join(values)} WHERE t."eventId" = ${eventId}::uuid`;
}

async function shiftEntries(tx: Transaction, { eventId, shifts, startedAt }: Past): Promise<void> {
  const feed = feeds.event(eventId);
  const shifted = (time: number): number => time + (shifts.findLast(({ from }) => from.getTime() <= time)?.by ?? 0);
  for (const { sequence, occurredAt, streamOffset, payload } of await tx.feedEntry.findMany({ where: { feed } })) {
    const at = shifted(occurredAt.getTime());
    await tx.feedEntry.update({
      where: { feed_sequence: { feed, sequence } },
      data: {
        occurredAt: new Date(at),
        streamOffset: streamOffset === null ? null : at - startedAt.getTime(),
        payload: JSON.parse(JSON.stringify(payload, (name, value) => told(name, value, shifted))),
      },
    });
  }
}

/** Instants in facts are RFC 3339 or ms since 1970; their names end alike. */
function told(name: string, value: unknown, shifted: (time: number) => number): unknown {
  if (!name.endsWith('At')) return value;
  if (typeof value === 'number') return shifted(value);
  return typeof value === 'string' ? new Date(shifted(Date.parse(value))).toISOString() : value;
}

/** What the rounds would have counted. */
async function writeAttendance(tx: Transaction, { eventId, watched, startedAt, endedAt }: Past): Promise<void> {
  const rows = [...watched].map(([userId, { from, to }]) => ({ userId, from, to }));
  await tx.$executeRaw`
    WITH seen AS (
      SELECT p.id, w."from", w."to" FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS w("userId" uuid, "from" timestamptz, "to" timestamptz)
      JOIN "Participant" p ON p."userId" = w."userId" AND p."eventId" = ${eventId}::uuid
    ), attended AS (
      INSERT INTO "Attendance" ("participantId", "eventId", "firstSeenAt", "lastSeenAt", "secondsWatched")
      SELECT id, ${eventId}::uuid, "from", "to", extract(epoch FROM "to" - "from")::int FROM seen
    )
    INSERT INTO "ViewerSample" ("eventId", "sampledAt", viewers)
    SELECT ${eventId}::uuid, moment, (SELECT count(*)::int FROM seen WHERE moment BETWEEN "from" AND "to")
    FROM generate_series(${startedAt}::timestamptz, ${endedAt}::timestamptz, make_interval(secs => ${sampledEverySeconds}::int))
      AS moment
    ON CONFLICT DO NOTHING`;
}
