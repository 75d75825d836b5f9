import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { NotFoundError } from '../errors.ts';
import { standingsIn } from '../events/access.ts';
import { lockRow } from '../events/lock.ts';
import type { Batch } from '../feed/batch.ts';
import type { Claim } from '../feed/idempotency.ts';
import { answerRepeated } from '../feed/repeated.ts';
import type { Work } from '../feed/unit-of-work.ts';
import type { OnEngaged } from '../participation/engaged.ts';
import { placeOf, takingPartRefused } from '../participation/taking-part.ts';
import { ReactionNotAllowedError } from './errors.ts';
import { takesReactions } from './rules.ts';
import { addReactions, type NewReaction } from './tallies.ts';

/** A reaction on its way in. */
export interface Reacting {
  readonly viewer: Viewer;
  readonly eventId: string;
  /** Whatever the client sent. */
  readonly emoji: string;
  /** Taps. */
  readonly count: number;
  /** The idempotency key; null: none. */
  readonly key: string | null;
  /** Its engagement's id, should it be taken. */
  readonly engagementId: string;
}

/**
 * Judges a batch and counts what is taken. Resolves with null where nothing was, and otherwise with whether it is the first that the
 * feed has not told of.
 *
 * The event's lock is taken before anybody is judged, and held until the commit. The end of an event, sanctions, leaving and a
 * change of the allowed emoji take it too, so a reaction precedes these or is refused. FOR SHARE would do for that, and batches of
 * several instances could run beside each other; but they wait for each other at the tallies all the same, and whoever
 * shares a lock never queues: while one batch or another holds it, the host could not end the show.
 */
export async function reactTogether(
  work: Work,
  eventId: string,
  { batch, onEngaged }: { batch: Batch<Reacting>; onEngaged: OnEngaged },
): Promise<{ isFirst: boolean } | null> {
  const { tx } = work;
  const giveBack = await answerRepeated(tx, batch, claimOf);
  if (batch.open.length === 0) return null;
  await lockRow(tx, eventId);
  const taken = await judge(tx, eventId, batch);
  await giveBack();
  if (taken.length === 0) return null;
  const added = await addReactions(tx, eventId, taken);
  const reacted = batch.open.map(({ viewer, engagementId }) => ({
    userId: viewer.id,
    trigger: 'REACTION' as const,
    engagementType: null,
    subject: engagementId,
  }));
  await onEngaged(work, eventId, reacted);
  for (const reacting of batch.open) batch.answer(reacting, reacting.engagementId);
  return added;
}

function claimOf({ viewer, eventId, emoji, count, key, engagementId }: Reacting): Claim | null {
  if (key === null) return null;
  return { userId: viewer.id, key, operation: 'react', input: { eventId, emoji, count }, result: engagementId };
}

/** Who may not react, or not with this, drops out. */
async function judge(tx: Transaction, eventId: string, batch: Batch<Reacting>): Promise<NewReaction[]> {
  const viewers = new Map(batch.open.map(({ viewer }) => [viewer.id, viewer]));
  const standings = await standingsIn(tx, [...viewers.values()], eventId);
  const standingOf = new Map(standings.map((standing) => [standing.viewerId, standing]));
  const allowed = await allowedIn(tx, eventId);
  const places = new Map<string, string>();
  const taken: NewReaction[] = [];
  for (const reacting of batch.open) {
    const { viewer, emoji, engagementId, count } = reacting;
    const standing = standingOf.get(viewer.id);
    const refusal = takingPartRefused(standing, takesReactions);
    if (standing === undefined || refusal !== null) batch.refuse(reacting, refusal ?? new NotFoundError('Event'));
    else if (!allowed.includes(emoji)) batch.refuse(reacting, new ReactionNotAllowedError(allowed));
    else {
      const participantId = places.get(viewer.id) ?? (await placeOf(tx, standing));
      places.set(viewer.id, participantId);
      taken.push({ engagementId, participantId, emoji, count });
    }
  }
  return taken;
}

async function allowedIn(tx: Transaction, eventId: string): Promise<string[]> {
  const event = await tx.videoEvent.findUnique({ where: { id: eventId }, select: { allowedReactions: true } });
  return event?.allowedReactions ?? [];
}
