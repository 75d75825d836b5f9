import type { Transaction } from '../db/client.ts';
import { SlowModeError } from '../errors.ts';
import { moderates } from '../events/access.ts';
import type { Batch } from '../feed/batch.ts';
import { slowModeWait } from './rules.ts';
import type { Sending, Speaker } from './sending.ts';

/** Who speaks before their time is refused; moderators are free. Of several messages of one participant the first may be taken. */
export async function judgePace(
  tx: Transaction,
  batch: Batch<Sending>,
  speakers: ReadonlyMap<Sending, Speaker>,
): Promise<void> {
  const slowed = batch.open.flatMap((sending) => {
    const speaker = speakers.get(sending);
    if (speaker === undefined || speaker.standing.event.slowModeSeconds === 0 || moderates(speaker.standing)) return [];
    return { sending, participantId: speaker.participantId, seconds: speaker.standing.event.slowModeSeconds };
  });
  const [first] = slowed;
  if (first === undefined) return;
  const { seconds } = first;
  const ids = [...new Set(slowed.map(({ participantId }) => participantId))];
  const free = await takeTurns(tx, ids, seconds);
  const refused = slowed.filter(({ participantId }) => !free.delete(participantId));
  if (refused.length === 0) return;
  const waits = await waitsOf(tx, [...new Set(refused.map(({ participantId }) => participantId))], seconds);
  for (const { sending, participantId } of refused) {
    // The interval may have run out between the two statements; the client is told the shortest wait there is.
    batch.refuse(sending, new SlowModeError(Math.max(1, Math.ceil(waits.get(participantId) ?? 0))));
  }
}

/** The conditional update is the judge: of two messages sent at once, one finds the turn taken. Locks rows in one order for all. */
async function takeTurns(tx: Transaction, participantIds: string[], seconds: number): Promise<Set<string>> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    UPDATE "Participant" SET "lastMessageAt" = clock_timestamp()
    WHERE id IN (SELECT id FROM "Participant" WHERE id = ANY(${participantIds}::uuid[]) ORDER BY id FOR NO KEY UPDATE)
      AND ("lastMessageAt" IS NULL OR "lastMessageAt" <= clock_timestamp() - make_interval(secs => ${seconds}))
    RETURNING id`;
  return new Set(rows.map(({ id }) => id));
}

/** Milliseconds that each of them has to wait. */
async function waitsOf(tx: Transaction, participantIds: string[], seconds: number): Promise<Map<string, number>> {
  const rows = await tx.$queryRaw<{ id: string; lastMessageAt: Date | null; now: Date }[]>`
    SELECT id, "lastMessageAt", clock_timestamp() AS now FROM "Participant" WHERE id = ANY(${participantIds}::uuid[])`;
  return new Map(
    rows.map(({ id, lastMessageAt, now }) => [
      id,
      slowModeWait({ lastSentAt: lastMessageAt?.getTime() ?? null, intervalMs: seconds * 1000, now: now.getTime() }),
    ]),
  );
}
