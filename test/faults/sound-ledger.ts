import { expect } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { verifyScores } from '../../src/leaderboards/scores.ts';
import { verifyLedger } from '../../src/rewards/verify.ts';
import type { Actor } from '../actor.ts';
import { testLog } from '../harness.ts';

const title = 'Whoever says something';

/** Every message of a participant earns a point: whatever fails, each is there with its point or not at all. */
export async function payForMessages(host: Actor, eventId: string): Promise<void> {
  const rule = { eventId, title, trigger: 'MESSAGE', points: 1 };
  const { code } = await host.mutate('createRewardRule', rule);
  if (code !== undefined) throw new Error(`the rule was refused: ${code}`);
}

/** What a fault has left behind: balances and scores are what the ledger says, and who said something was paid for it, once. */
export async function expectSoundLedger(databaseUrl: string): Promise<void> {
  const database = openDatabase({ url: databaseUrl, pool: 1, log: testLog });
  try {
    const { db } = database;
    expect((await verifyLedger(db)).differences).toEqual([]);
    expect((await verifyScores(db)).differences).toEqual([]);
    const [paid] = (await db.$queryRaw`
      WITH paying AS (
        SELECT r.id AS "ruleId", e.id, e."hostId" FROM "RewardRule" r JOIN "VideoEvent" e ON e.id = r."eventId"
        WHERE r.title = ${title}
      ), said AS (
        SELECT m.id FROM "Message" m JOIN paying p ON p.id = m."eventId" AND m."authorId" <> p."hostId"
      ), earned AS (
        SELECT split_part(r.source, ':', 3)::uuid AS id FROM "Reward" r JOIN paying p ON starts_with(r.source, 'rule:' || p."ruleId")
      )
      SELECT count(*) FILTER (WHERE s.id IS NULL)::int AS "forNothing", count(*) FILTER (WHERE e.id IS NULL)::int AS unpaid
      FROM said s FULL JOIN earned e USING (id)`) as { forNothing: number; unpaid: number }[];
    expect(paid).toEqual({ forNothing: 0, unpaid: 0 });
  } finally {
    await database.close();
  }
}
