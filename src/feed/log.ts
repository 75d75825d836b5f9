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
  readonly feed: string;
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

/** Which entries are read; what is not given does not narrow them. */
export interface EntryFilter {
  /** None after this sequence. */
  readonly last?: number;
  readonly audiences?: ReadonlySet<Audience>;
  /** Null: every kind. */
  readonly kinds?: ReadonlySet<string> | null;
}

/** At most `limit` entries after `sequence`, oldest first. */
export async function readEntries(
  db: Db | Transaction,
  feed: string,
  sequence: number,
  limit: number,
  { last, audiences, kinds }: EntryFilter = {},
): Promise<Entry[]> {
  const conditions = [
    last === undefined ? Prisma.empty : Prisma.sql`AND sequence <= ${last}`,
    audiences === undefined ? Prisma.empty : Prisma.sql`AND audience = ANY(${[...audiences]})`,
    kinds == null ? Prisma.empty : Prisma.sql`AND kind = ANY(${[...kinds]})`,
  ];
  const rows = await db.$queryRaw<EntryRow[]>`
    SELECT feed, sequence, kind, audience, "actorId", "subjectId", payload, redacts, "occurredAt", "streamOffset"
    FROM "FeedEntry" WHERE feed = ${feed} AND sequence > ${sequence} ${Prisma.join(conditions, ' ')}
    ORDER BY sequence LIMIT ${limit}`;
  return rows.map((row) => ({
    ...row,
    sequence: Number(row.sequence),
    occurredAt: row.occurredAt.getTime(),
  }));
}

/**
 * The sequence of the last entry before `offset` (milliseconds since the event went live); `floor` where none of those between
 * `floor` and `top` is. Offsets grow with sequences, and what has none precedes what has: the key is searched by halves, and
 * hot feeds keep no second index.
 */
export async function lastBefore(
  db: Db | Transaction,
  offset: number,
  { feed, floor, sequence: top }: Omit<Top, 'epoch'>,
): Promise<number> {
  const [found] = await db.$queryRaw<{ before: bigint }[]>`
    WITH RECURSIVE halves(before, reached) AS (
      SELECT ${floor}::bigint, ${top}::bigint + 1
      UNION ALL
      SELECT CASE WHEN precedes THEN middle ELSE before END, CASE WHEN precedes THEN reached ELSE middle END
      FROM halves, LATERAL (SELECT (before + reached) / 2 AS middle) m, LATERAL (
        SELECT COALESCE(e."streamOffset" < ${offset}::int, true) AS precedes
        FROM "FeedEntry" e WHERE e.feed = ${feed} AND e.sequence = middle) e
      WHERE reached - before > 1
    )
    SELECT before FROM halves ORDER BY reached - before LIMIT 1`;
  return Number(found?.before ?? floor);
}

// 2^31 - 1: what a GraphQL Int and the column hold; an event that runs longer than 24 days keeps its last offset.
const longestOffset = 2_147_483_647;

/** Facts for one feed, in their order. */
export interface Stated {
  readonly feed: string;
  readonly drafts: readonly EntryDraft[];
}

/**
 * Locks these feeds until the transaction ends, in the order of their names, and gives the drafts the next places in them. One
 * statement, however many feeds: others who write to a hot one wait for one answer less. Not dated before what precedes them,
 * whatever becomes of the clock.
 */
export async function appendEntries(tx: Transaction, stated: readonly Stated[]): Promise<Appended[]> {
  const given = stated.map(({ feed, drafts }) => ({
    name: feed,
    epoch: newEpoch(),
    count: drafts.length,
    startsClock: drafts.some((draft) => draft.startsClock === true),
  }));
  const rows = stated.flatMap(({ feed, drafts }) =>
    drafts.map((draft, place) => ({ ...described(draft), name: feed, place: place + 1 })),
  );
  const raised = await tx.$queryRaw<Raised[]>`
    WITH given AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(given)}::jsonb)
        AS g(name text, epoch text, count int, "startsClock" boolean)
    ), feeds AS (
      INSERT INTO "Feed" AS f (name, epoch, top, "originAt", "lastAt")
      SELECT name, epoch, count, CASE WHEN "startsClock" THEN clock_timestamp() END, clock_timestamp()
      FROM given ORDER BY name COLLATE "C"
      ON CONFLICT (name) DO UPDATE SET
        top = f.top + EXCLUDED.top,
        "originAt" = COALESCE(f."originAt", CASE WHEN EXCLUDED."originAt" IS NOT NULL THEN GREATEST(f."lastAt", clock_timestamp()) END),
        "lastAt" = GREATEST(f."lastAt", clock_timestamp())
      RETURNING name, epoch, top, "lastAt",
        CASE WHEN "originAt" IS NOT NULL
          THEN LEAST(GREATEST(floor(extract(epoch FROM "lastAt" - "originAt") * 1000), 0), ${longestOffset})::int
        END AS "streamOffset"
    ), entries AS (
      INSERT INTO "FeedEntry" (feed, sequence, kind, audience, "actorId", "subjectId", payload, redacts, "occurredAt", "streamOffset")
      SELECT f.name, f.top - g.count + e.place, e.kind, e.audience, e."actorId", e."subjectId", e.payload, e.redacts,
        f."lastAt", f."streamOffset"
      FROM feeds f JOIN given g USING (name)
      JOIN jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS e(name text, place int, kind text, audience text, "actorId" uuid,
        "subjectId" uuid, payload jsonb, redacts jsonb) USING (name)
    )
    SELECT name, epoch, top, "lastAt", "streamOffset" FROM feeds`;
  const raisedOf = new Map(raised.map((feed) => [feed.name, feed]));
  const appended = stated.map((one) => placed(one, raisedOf.get(one.feed)));
  for (const { entries } of appended) for (const entry of entries) await redact(tx, entry);
  return appended;
}

interface Raised {
  name: string;
  epoch: string;
  top: bigint;
  lastAt: Date;
  streamOffset: number | null;
}

function placed({ feed, drafts }: Stated, raised: Raised | undefined): Appended {
  if (raised === undefined) throw new Error(`feed ${feed} could not be raised`);
  const { epoch, top, lastAt, streamOffset } = raised;
  const entries = drafts.map((draft, place) => ({
    ...described(draft),
    feed,
    sequence: Number(top) - drafts.length + 1 + place,
    occurredAt: lastAt.getTime(),
    streamOffset,
  }));
  return { feed, epoch, entries };
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
