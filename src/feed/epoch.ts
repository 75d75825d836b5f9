import type { Db } from '../db/client.ts';

/**
 * Gives every feed another epoch, in one transaction, and resolves with how many feeds there are. For a database that was
 * restored from a backup: what clients and instances remember of its feeds may not have happened in it. Cursors from before are
 * answered with a FeedReset, and instances that are running notice within a second.
 */
export function renewEpochs(db: Db): Promise<number> {
  // Locked in the order in which units of work lock feeds.
  return db.$executeRaw`
    WITH locked AS (SELECT name FROM "Feed" ORDER BY name COLLATE "C" FOR UPDATE)
    UPDATE "Feed" f SET epoch = left(replace(gen_random_uuid()::text, '-', ''), 12) FROM locked WHERE f.name = locked.name`;
}
