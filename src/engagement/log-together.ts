import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { standingsIn } from '../events/access.ts';
import { lockRow } from '../events/lock.ts';
import { isOpen } from '../events/rules.ts';
import type { Batch } from '../feed/batch.ts';
import type { Claim } from '../feed/idempotency.ts';
import { answerRepeated } from '../feed/repeated.ts';
import type { Work } from '../feed/unit-of-work.ts';
import type { OnEngaged } from '../participation/engaged.ts';
import { placeOf, takingPartRefused } from '../participation/taking-part.ts';

/** An engagement on its way in. */
export interface Logging {
  readonly viewer: Viewer;
  readonly eventId: string;
  readonly engagementType: string;
  readonly payload: object | null;
  /** The idempotency key; null: none. */
  readonly key: string | null;
  /** Its id, should it be taken. */
  readonly engagementId: string;
}

/**
 * Judges a batch and writes what is taken. Under the event's lock, which its end and sanctions take, too: engagements either precede
 * these, or are refused.
 */
export async function logTogether(
  work: Work,
  eventId: string,
  { batch, onEngaged }: { batch: Batch<Logging>; onEngaged: OnEngaged },
): Promise<void> {
  const { tx } = work;
  const giveBack = await answerRepeated(tx, batch, claimOf);
  if (batch.open.length > 0) {
    await lockRow(tx, eventId);
    const places = await judge(tx, eventId, batch);
    const logged = batch.open.map(({ viewer, engagementType, engagementId }) => ({
      userId: viewer.id,
      trigger: 'CUSTOM' as const,
      engagementType,
      subject: engagementId,
    }));
    await insert(tx, eventId, { batch, places });
    await onEngaged(work, eventId, logged);
  }
  await giveBack();
}

function claimOf({ viewer, eventId, engagementType, payload, engagementId, key }: Logging): Claim | null {
  if (key === null) return null;
  const input = { eventId, engagementType, payload };
  return { userId: viewer.id, key, operation: 'logEngagement', input, result: engagementId };
}

/** Who may not take part drops out. The places of the others, by user. */
async function judge(tx: Transaction, eventId: string, batch: Batch<Logging>): Promise<Map<string, string>> {
  const viewers = new Map(batch.open.map(({ viewer }) => [viewer.id, viewer]));
  const standings = await standingsIn(tx, [...viewers.values()], eventId);
  const standingOf = new Map(standings.map((standing) => [standing.viewerId, standing]));
  const places = new Map<string, string>();
  for (const logging of batch.open) {
    const { id } = logging.viewer;
    const standing = standingOf.get(id);
    const refusal = takingPartRefused(standing, isOpen);
    if (refusal !== null) batch.refuse(logging, refusal);
    else if (standing !== undefined && !places.has(id)) places.set(id, await placeOf(tx, standing));
  }
  return places;
}

async function insert(
  tx: Transaction,
  eventId: string,
  { batch, places }: { batch: Batch<Logging>; places: ReadonlyMap<string, string> },
): Promise<void> {
  const rows = batch.open.map(({ engagementId, engagementType, payload, viewer }) => ({
    engagementId,
    engagementType,
    payload,
    participantId: places.get(viewer.id),
  }));
  if (rows.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO "EngagementLog" (id, "participantId", "eventId", "engagementType", "engagementTime", payload)
    SELECT "engagementId", "participantId", ${eventId}::uuid, "engagementType", clock_timestamp(), payload
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS e("engagementId" uuid, "participantId" uuid,
      "engagementType" text, payload jsonb)`;
  for (const logging of batch.open) batch.answer(logging, logging.engagementId);
}
