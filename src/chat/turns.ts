import type { Transaction } from '../db/client.ts';
import { repeatAfterMs } from './rules.ts';

/**
 * Claims for one transaction: who may speak now has spoken, and what may be said now is said, until the claim is given back. The
 * conditional update is the judge: of two instances that claim the same, the second waits for the first, and then has to wait longer.
 */

/** Milliseconds that each has to wait; 0: claimed. */
export interface Claimed {
  readonly waits: ReadonlyMap<string, number>;
  /** Gives claims back that were not used after all. */
  release(unused: readonly string[]): Promise<unknown>;
}

/** The turns of these participants, in one order for all. */
export async function claimTurns(
  tx: Transaction,
  participantIds: readonly string[],
  seconds: number,
): Promise<Claimed> {
  const rows = await tx.$queryRaw<{ id: string; was: Date | null; wait: number }[]>`
    WITH present AS (
      SELECT id, "lastMessageAt" AS was, ceil(GREATEST(0, COALESCE(
        extract(epoch FROM "lastMessageAt" + make_interval(secs => ${seconds}) - clock_timestamp()) * 1000, 0)))::int AS wait
      FROM "Participant" WHERE id = ANY(${[...participantIds]}::uuid[]) ORDER BY id FOR NO KEY UPDATE
    ), taken AS (
      UPDATE "Participant" p SET "lastMessageAt" = clock_timestamp() FROM present WHERE p.id = present.id AND present.wait = 0
    )
    SELECT id, was, wait FROM present`;
  return {
    waits: new Map(rows.map(({ id, wait }) => [id, wait])),
    async release(unused) {
      const former = rows.filter(({ id }) => unused.includes(id));
      if (former.length === 0) return;
      await tx.$executeRaw`
        UPDATE "Participant" p SET "lastMessageAt" = f.was
        FROM jsonb_to_recordset(${JSON.stringify(former)}::jsonb) AS f(id uuid, was timestamptz) WHERE p.id = f.id`;
    },
  };
}

/** These texts in an event's chat, by their hashes, in one order for all. */
export async function claimTexts(tx: Transaction, eventId: string, hashes: readonly string[]): Promise<Claimed> {
  const seconds = repeatAfterMs / 1000;
  const claimed = await tx.$queryRaw<{ hash: string }[]>`
    INSERT INTO "RecentText" AS r ("eventId", "textHash", "sentAt")
    SELECT ${eventId}::uuid, hash, clock_timestamp() FROM unnest(${[...hashes]}::text[]) AS t(hash) ORDER BY hash
    ON CONFLICT ("eventId", "textHash") DO UPDATE SET "sentAt" = clock_timestamp()
      WHERE r."sentAt" <= clock_timestamp() - make_interval(secs => ${seconds})
    RETURNING "textHash" AS hash`;
  const free = new Set(claimed.map(({ hash }) => hash));
  const taken = hashes.filter((hash) => !free.has(hash));
  return {
    waits: taken.length === 0 ? new Map() : await textWaits(tx, eventId, taken),
    release: (unused) =>
      tx.recentText.deleteMany({ where: { eventId, textHash: { in: unused.filter((hash) => free.has(hash)) } } }),
  };
}

async function textWaits(tx: Transaction, eventId: string, hashes: string[]): Promise<Map<string, number>> {
  // The time may have run out between the two statements; the client is told the shortest wait there is.
  const rows = await tx.$queryRaw<{ hash: string; wait: number }[]>`
    SELECT "textHash" AS hash, GREATEST(1, ceil(
      extract(epoch FROM "sentAt" + make_interval(secs => ${repeatAfterMs / 1000}) - clock_timestamp()) * 1000))::int AS wait
    FROM "RecentText" WHERE "eventId" = ${eventId}::uuid AND "textHash" = ANY(${hashes}::text[])`;
  return new Map(rows.map(({ hash, wait }) => [hash, wait]));
}

/** Forgets texts past their time. */
export const forgetTexts = (db: Pick<Transaction, '$executeRaw'>): Promise<number> => db.$executeRaw`
  DELETE FROM "RecentText" WHERE "sentAt" <= clock_timestamp() - make_interval(secs => ${repeatAfterMs / 1000})`;
