import { readToldProfiles } from '../accounts/told-profile.ts';
import type { Viewer } from '../auth/viewer.ts';
import { UnauthenticatedError } from '../errors.ts';
import { standingsIn } from '../events/access.ts';
import { lockRow } from '../events/lock.ts';
import type { Batch } from '../feed/batch.ts';
import type { Claim } from '../feed/idempotency.ts';
import { answerRepeated } from '../feed/repeated.ts';
import type { Work } from '../feed/unit-of-work.ts';
import { waitingRefused } from './rules.ts';
import { beginWaiting, someoneWaits } from './waiting.ts';

/** Somebody who wants a seat when there is one. */
export interface Wish {
  readonly viewer: Viewer;
  readonly eventId: string;
  /** The idempotency key; null: none. */
  readonly key: string | null;
}

/** Judges a batch, in the order of arrival, and lets those wait who may. What a wish comes to is the event's id. */
export async function waitTogether({ tx }: Work, eventId: string, batch: Batch<Wish>): Promise<void> {
  const giveBack = await answerRepeated(tx, batch, claimOf);
  if (batch.open.length > 0) {
    await lockRow(tx, eventId);
    const viewers = [...new Map(batch.open.map(({ viewer }) => [viewer.id, viewer])).values()];
    const standings = await standingsIn(tx, viewers, eventId);
    const standingOf = new Map(standings.map((standing) => [standing.viewerId ?? '', standing]));
    const othersWait = await someoneWaits(tx, eventId);
    for (const wish of batch.open) {
      const standing = standingOf.get(wish.viewer.id);
      const refusal = waitingRefused(standing, othersWait);
      // Whoever holds a place needs not wait for one.
      if (standing?.participantId != null) batch.answer(wish, eventId);
      else if (refusal !== null) batch.refuse(wish, refusal);
    }
    // Behind the lock: none of the accounts is deleted before the transaction ends.
    const accounts = await readToldProfiles(
      tx,
      batch.open.map(({ viewer }) => viewer.id),
    );
    const existing = new Set(accounts.map(({ userId }) => userId));
    const coming = new Set(batch.open.map(({ viewer }) => viewer.id).filter((id) => existing.has(id)));
    await beginWaiting(tx, eventId, [...coming]);
    for (const wish of batch.open) {
      if (coming.has(wish.viewer.id)) batch.answer(wish, eventId);
      else batch.refuse(wish, new UnauthenticatedError());
    }
  }
  await giveBack();
}

const claimOf = ({ viewer, eventId, key }: Wish): Claim | null =>
  key === null ? null : { userId: viewer.id, key, operation: 'joinWaitlist', input: { eventId }, result: eventId };
