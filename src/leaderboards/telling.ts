import { z } from 'zod';
import type { Transaction } from '../db/client.ts';
import { feeds } from '../feed/entry.ts';
import { newId } from '../ids.ts';
import { type Duty, task } from '../jobs/task.ts';
import { type Board, on } from './board.ts';
import { rankChanged } from './entries.ts';
import { readTops } from './reading.ts';
import { type Ranks, rankChanges, toldPlaces } from './rules.ts';

/** Ranks of an event are told so often at most, in ms. */
const everyMs = 1000;

const tell = task('leaderboard.tell', z.object({ eventId: z.uuid() }));
const ranks = z.record(z.string(), z.int());

/**
 * Sees to it that ranks are told once the caller's transaction is committed. Each transaction plans for itself: one that relied on
 * a telling planned by another would be forgotten when that has looked at the scores already.
 */
export const planTelling = (tx: Transaction, eventId: string): Promise<void> =>
  tell.schedule(tx, `${eventId}:${newId()}`, { inMs: everyMs }, { eventId });

/** Tells those among the first of an event's leaderboard what became of their rank since it was told last. */
export const tellingDuty: Duty = tell.doneBy(async (work, { eventId }) => {
  const { tx } = work;
  // Before the scores are read: they tell of all whose plans are seen here. What is planned later has a telling of its own.
  await tell.absorb(tx, `${eventId}:`);
  const before = await takeTold(tx, eventId);
  if (before === null) return planTelling(tx, eventId);
  const top = (await readTops(tx, { ownerIds: [eventId], period: 'ALL_TIME', first: toldPlaces })).get(eventId) ?? [];
  const now = Object.fromEntries(top.map(({ profile, rank }) => [profile.userId, rank]));
  const changes = rankChanges(before, now);
  if (changes.length === 0) return;
  const scores = await readScores(tx, { ownerId: eventId, period: 'ALL_TIME' }, changes);
  for (const { userId, rank, previousRank } of changes) {
    const score = scores.get(userId);
    // Deleted accounts have none.
    if (score === undefined) continue;
    const told = { eventId, rank, previousRank, score };
    work.append(feeds.user(userId), rankChanged.draft(told, { subjectId: eventId }));
  }
  await tx.$executeRaw`UPDATE "ToldRanks" SET ranks = ${JSON.stringify(now)}::jsonb WHERE "eventId" = ${eventId}::uuid`;
});

/** The ranks as they were told last; who tells next waits until the transaction ends. Null: that was a moment ago. */
async function takeTold(tx: Transaction, eventId: string): Promise<Ranks | null> {
  const [row] = await tx.$queryRaw<{ ranks: unknown }[]>`
    INSERT INTO "ToldRanks" AS t ("eventId", "toldAt") VALUES (${eventId}::uuid, clock_timestamp())
    ON CONFLICT ("eventId") DO UPDATE SET "toldAt" = EXCLUDED."toldAt"
    WHERE t."toldAt" <= EXCLUDED."toldAt" - make_interval(secs => ${everyMs / 1000})
    RETURNING ranks`;
  return row === undefined ? null : ranks.parse(row.ranks);
}

/** Points on the leaderboard by user, whether it shows them or not. */
async function readScores(
  tx: Transaction,
  board: Board,
  users: readonly { readonly userId: string }[],
): Promise<Map<string, number>> {
  const rows = await tx.$queryRaw<{ userId: string; points: number }[]>`
    SELECT c."userId", c.points::float8 AS points FROM "Score" c
    WHERE ${on(board)} AND c."userId" = ANY(${users.map(({ userId }) => userId)}::uuid[])`;
  return new Map(rows.map(({ userId, points }) => [userId, points]));
}
