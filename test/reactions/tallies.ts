import type { Db } from '../../src/db/client.ts';
import { decodeGlobalId } from '../../src/global-id.ts';

/** How often an event was reacted to with each emoji, by its tallies. */
export async function talliesIn(db: Db, eventId: string): Promise<Record<string, number>> {
  const rows = await db.reactionTally.findMany({ where: { eventId: decodeGlobalId(eventId).id } });
  return Object.fromEntries(rows.map(({ emoji, total }) => [emoji, Number(total)]));
}

/** The same by the log of engagements. */
export async function loggedIn(db: Db, eventId: string): Promise<Record<string, number>> {
  const rows = await db.engagementLog.groupBy({
    by: ['emoji'],
    where: { eventId: decodeGlobalId(eventId).id, engagementType: 'REACTION' },
    _sum: { count: true },
  });
  return Object.fromEntries(rows.map(({ emoji, _sum }) => [emoji ?? '', _sum.count ?? 0]));
}
