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

/** A feed locked by the running transaction, with `count` sequences reserved: the last of them is `top`. */
export interface Reserved {
  readonly epoch: string;
  readonly top: number;
  readonly now: number;
  readonly originAt: number | null;
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

/** Locks the feed until the transaction ends and raises its top by `count`. */
export async function reserve(
  tx: Transaction,
  feed: string,
  { count, startsClock }: { count: number; startsClock: boolean },
): Promise<Reserved> {
  const rows = await tx.$queryRaw<{ epoch: string; top: bigint; now: Date; originAt: Date | null }[]>`
    INSERT INTO "Feed" AS f (name, epoch, top, "originAt", "lastAt")
    VALUES (${feed}, ${newEpoch()}, ${count}, CASE WHEN ${startsClock} THEN clock_timestamp() END, clock_timestamp())
    ON CONFLICT (name) DO UPDATE SET
      top = f.top + ${count},
      "originAt" = COALESCE(f."originAt", CASE WHEN ${startsClock} THEN GREATEST(f."lastAt", clock_timestamp()) END),
      "lastAt" = GREATEST(f."lastAt", clock_timestamp())
    RETURNING epoch, top, "originAt", "lastAt" AS now`;
  const [row] = rows;
  if (row === undefined) throw new Error(`feed ${feed} could not be raised`);
  return { epoch: row.epoch, top: Number(row.top), now: row.now.getTime(), originAt: row.originAt?.getTime() ?? null };
}

// 2^31 - 1: what a GraphQL Int and the column hold; an event that runs longer than 24 days keeps its last offset.
const longestOffset = 2_147_483_647;

/** The entry a draft becomes at its place. */
export function placed(draft: EntryDraft, feed: string, sequence: number, { now, originAt }: Reserved): Entry {
  return {
    feed,
    sequence,
    kind: draft.kind,
    audience: draft.audience ?? 'everyone',
    actorId: draft.actorId ?? null,
    subjectId: draft.subjectId ?? null,
    payload: draft.payload,
    occurredAt: now,
    streamOffset: originAt === null ? null : Math.min(Math.max(now - originAt, 0), longestOffset),
    redacts: draft.redacts ?? null,
  };
}

/** Writes placed entries, and what they make earlier ones forget. */
export async function insertEntries(tx: Transaction, entries: readonly Entry[]): Promise<void> {
  const rows = entries.map((entry) => ({ ...entry, occurredAt: new Date(entry.occurredAt).toISOString() }));
  await tx.$executeRaw`
    INSERT INTO "FeedEntry" (feed, sequence, kind, audience, "actorId", "subjectId", payload, redacts, "occurredAt", "streamOffset")
    SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS e(feed text, sequence bigint, kind text,
      audience text, "actorId" uuid, "subjectId" uuid, payload jsonb, redacts jsonb, "occurredAt" timestamptz, "streamOffset" int)`;
  for (const { feed, sequence, redacts } of entries) {
    if (redacts === null) continue;
    const subject =
      redacts.subjectId === undefined ? Prisma.empty : Prisma.sql`AND "subjectId" = ${redacts.subjectId}::uuid`;
    await tx.$executeRaw`
      UPDATE "FeedEntry" SET payload = payload || ${JSON.stringify(redacts.patch)}::jsonb
      WHERE feed = ${feed} AND "actorId" = ${redacts.actorId}::uuid AND sequence < ${sequence} ${subject}`;
  }
}
