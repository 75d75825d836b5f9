import type { Db } from '../db/client.ts';

export interface Retention {
  /** Entries younger than this are kept. */
  days: number;
  /** Entries kept of a feed that never ends, however young they are. */
  entries: number;
}

/** Entries deleted in one transaction: it holds the feed's lock, for which writers wait. */
const batch = 1000;

/**
 * Deletes what is past its time, oldest first, in small batches; a feed's floor rises in the same transaction, so that cursors
 * below it are known to have expired. An event is kept whole until its newest entry is past its time: a replay never lacks its
 * beginning. May run on several instances at once. Resolves with how many entries were deleted.
 */
export async function pruneFeeds(db: Db, retention: Retention): Promise<number> {
  let pruned = 0;
  for (const feed of await pastTheirTime(db, retention)) pruned += await pruneFeed(db, feed, retention);
  return pruned;
}

/** The same for one feed. */
export async function pruneFeed(db: Db, feed: string, retention: Retention): Promise<number> {
  let pruned = 0;
  for (let count = batch; count === batch; pruned += count) count = await pruneSome(db, feed, retention);
  return pruned;
}

/** Feeds that have something to delete. Costs two look-ups in an index for each feed. */
async function pastTheirTime(db: Db, { days, entries }: Retention): Promise<string[]> {
  const rows = await db.$queryRaw<{ name: string }[]>`
    WITH cutoff AS (SELECT clock_timestamp() - make_interval(days => ${days}) AS at)
    SELECT f.name FROM "Feed" f, cutoff WHERE f.floor < f.top AND CASE WHEN f.name LIKE 'event:%'
      THEN (SELECT "occurredAt" FROM "FeedEntry" e WHERE e.feed = f.name AND e.sequence = f.top) < cutoff.at
      ELSE f.top - f.floor > ${entries}
        OR (SELECT "occurredAt" FROM "FeedEntry" e WHERE e.feed = f.name AND e.sequence = f.floor + 1) < cutoff.at
      END`;
  return rows.map(({ name }) => name);
}

/** The newest entry always stays: it says where the feed stands and since when. Takes its turn among the feed's writers. */
function pruneSome(db: Db, feed: string, { days, entries }: Retention): Promise<number> {
  return db.$transaction(async (tx) => {
    const [rise] = await tx.$queryRaw<{ floor: bigint | null }[]>`
      WITH locked AS (SELECT name, floor, top FROM "Feed" WHERE name = ${feed} FOR UPDATE)
      SELECT max(e.sequence) AS floor FROM locked f
      JOIN "FeedEntry" e ON e.feed = f.name AND e.sequence > f.floor AND e.sequence <= f.floor + ${batch}
      WHERE e.sequence < f.top AND (
        e."occurredAt" < clock_timestamp() - make_interval(days => ${days})
        OR (f.name NOT LIKE 'event:%' AND e.sequence <= f.top - ${entries}))`;
    if (rise?.floor == null) return 0;
    await tx.$executeRaw`UPDATE "Feed" SET floor = ${rise.floor} WHERE name = ${feed}`;
    return tx.$executeRaw`DELETE FROM "FeedEntry" WHERE feed = ${feed} AND sequence <= ${rise.floor}`;
  });
}
