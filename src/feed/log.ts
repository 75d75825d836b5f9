import { randomBytes } from 'node:crypto';
import type { Db, Transaction } from '../db/client.ts';
import { Prisma } from '../generated/prisma/client.ts';
import type { Audience, Entry, EntryDraft, Payload, Redaction } from './entry.ts';

/** The top of a feed. */
export interface Top {
  readonly feed: string;
  readonly epoch: string;
  readonly sequence: number;
  /** Entries up to this sequence are no longer kept. */
  readonly floor: number;
}

/** Entries of one feed that were placed together. */
export interface Appended {
  readonly epoch: string;
  readonly entries: readonly Entry[];
}

interface EntryRow {
  feed: string;
  sequence: bigint;
  kind: string;
  audience: Audience;
  actorId: string | null;
  subjectId: string | null;
  payload: Payload;
  redacts: Redaction | null;
  occurredAt: Date;
  streamOffset: number | null;
}

const newEpoch = (): string => randomBytes(6).toString('hex');

/** Where the feed stands. Creates it if this is the first anybody asks. */
export async function readTop(db: Db | Transaction, feed: string): Promise<Top> {
  const [row] = await readTops(db, [feed]);
  if (row !== undefined) return row;
  await db.$executeRaw`INSERT INTO "Feed" (name, epoch) VALUES (${feed}, ${newEpoch()}) ON CONFLICT DO NOTHING`;
  const [created] = await readTops(db, [feed]);
  if (created === undefined) throw new Error(`feed ${feed} went away while it was opened`);
  return created;
}

/** Where each of these feeds stands, in one query; feeds that do not exist are left out. */
export async function readTops(db: Db | Transaction, feeds: readonly string[]): Promise<Top[]> {
  const rows = await db.$queryRaw<{ name: string; epoch: string; top: bigint; floor: bigint }[]>`
    SELECT name, epoch, top, floor FROM "Feed" WHERE name = ANY(${[...feeds]})`;
  return rows.map(({ name, epoch, top, floor }) => ({
    feed: name,
    epoch,
    sequence: Number(top),
    floor: Number(floor),
  }));
}

/** At most `limit` entries after `sequence`, oldest first. */
export async function readEntries(db: Db, feed: string, sequence: number, limit: number): Promise<Entry[]> {
  const rows = await db.$queryRaw<EntryRow[]>`
    SELECT feed, sequence, kind, audience, "actorId", "subjectId", payload, redacts, "occurredAt", "streamOffset"
    FROM "FeedEntry" WHERE feed = ${feed} AND sequence > ${sequence} ORDER BY sequence LIMIT ${limit}`;
  return rows.map((row) => ({
    ...row,
    sequence: Number(row.sequence),
    occurredAt: row.occurredAt.getTime(),
  }));
}

// 2^31 - 1: what a GraphQL Int and the column hold; an event that runs longer than 24 days keeps its last offset.
const longestOffset = 2_147_483_647;

/**
 * Locks the feed until the transaction ends, and gives drafts the next places in it. One statement, so that others who write to a
 * hot feed wait for one answer less. Not dated before what precedes them, whatever becomes of the clock.
 */
export async function appendEntries(tx: Transaction, feed: string, drafts: readonly EntryDraft[]): Promise<Appended> {
  const startsClock = drafts.some((draft) => draft.startsClock === true);
  const rows = drafts.map((draft, place) => ({ ...described(draft), place: place + 1 }));
  const [raised] = await tx.$queryRaw<Raised[]>`
    WITH feed AS (
      INSERT INTO "Feed" AS f (name, epoch, top, "originAt", "lastAt")
      VALUES (${feed}, ${newEpoch()}, ${drafts.length}, CASE WHEN ${startsClock} THEN clock_timestamp() END, clock_timestamp())
      ON CONFLICT (name) DO UPDATE SET
        top = f.top + ${drafts.length},
        "originAt" = COALESCE(f."originAt", CASE WHEN ${startsClock} THEN GREATEST(f."lastAt", clock_timestamp()) END),
        "lastAt" = GREATEST(f."lastAt", clock_timestamp())
      RETURNING name, epoch, top, "lastAt",
        CASE WHEN "originAt" IS NOT NULL
          THEN LEAST(GREATEST(floor(extract(epoch FROM "lastAt" - "originAt") * 1000), 0), ${longestOffset})::int
        END AS "streamOffset"
    ), entries AS (
      INSERT INTO "FeedEntry" (feed, sequence, kind, audience, "actorId", "subjectId", payload, redacts, "occurredAt", "streamOffset")
      SELECT f.name, f.top - ${drafts.length} + e.place, e.kind, e.audience, e."actorId", e."subjectId", e.payload, e.redacts,
        f."lastAt", f."streamOffset"
      FROM feed f, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS e(place int, kind text, audience text, "actorId" uuid,
        "subjectId" uuid, payload jsonb, redacts jsonb)
    )
    SELECT epoch, top, "lastAt", "streamOffset" FROM feed`;
  if (raised === undefined) throw new Error(`feed ${feed} could not be raised`);
  const { epoch, top, lastAt, streamOffset } = raised;
  const entries = drafts.map((draft, place) => ({
    ...described(draft),
    feed,
    sequence: Number(top) - drafts.length + 1 + place,
    occurredAt: lastAt.getTime(),
    streamOffset,
  }));
  for (const entry of entries) await redact(tx, entry);
  return { epoch, entries };
}

interface Raised {
  epoch: string;
  top: bigint;
  lastAt: Date;
  streamOffset: number | null;
}

const described = (draft: EntryDraft) => ({
  kind: draft.kind,
  audience: draft.audience ?? 'everyone',
  actorId: draft.actorId ?? null,
  subjectId: draft.subjectId ?? null,
  payload: draft.payload,
  redacts: draft.redacts ?? null,
});

/** What the entry makes earlier ones forget. */
async function redact(tx: Transaction, { feed, sequence, redacts }: Entry): Promise<void> {
  if (redacts === null) return;
  const subject =
    redacts.subjectId === undefined ? Prisma.empty : Prisma.sql`AND "subjectId" = ${redacts.subjectId}::uuid`;
  await tx.$executeRaw`
    UPDATE "FeedEntry" SET payload = payload || ${JSON.stringify(redacts.patch)}::jsonb
    WHERE feed = ${feed} AND "actorId" = ${redacts.actorId}::uuid AND sequence < ${sequence} ${subject}`;
}
