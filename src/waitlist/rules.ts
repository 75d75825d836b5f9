import { NotFoundError } from '../errors.ts';
import { isBanned, maySee, type Standing } from '../events/access.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { isOpen } from '../events/rules.ts';
import { SanctionedError } from '../moderation/errors.ts';
import { CapacityError } from '../participation/errors.ts';
import { NoOfferError, NotFullError, OfferExpiredError } from './errors.ts';

/**
 * How long an offered seat is kept for somebody, in ms: enough to see the notice and come, and little enough that a seat does not
 * stay empty for a show. Change it here; offers that stand keep their time.
 */
export const offerMs = 10 * 60_000;

/** What became of somebody's turn, as far as it concerns a seat. */
export interface Offer {
  readonly offeredUntil: Date;
  /** Its time is over, whether or not that was seen to yet. */
  readonly isOver: boolean;
}

/** A seat is kept for them. */
export const isOffered = (offer: Offer | undefined): boolean => offer?.isOver === false;

/** Why somebody who may join the event gets no seat; null: they may get one. `accepting`: only the one they were offered. */
export function seatRefused(
  { event, isHost }: Standing,
  { offer, accepting }: { offer: Offer | undefined; accepting: boolean },
): Error | null {
  if (isOffered(offer)) return null;
  if (accepting) return offer === undefined ? new NoOfferError() : new OfferExpiredError(offer.offeredUntil);
  const { capacity, freeSeats } = event;
  return isHost || capacity === null || freeSeats === null || freeSeats > 0 ? null : new CapacityError(capacity);
}

/** Why somebody without a place may not wait for one; null: they may. */
export function waitingRefused(standing: Standing | undefined, othersWait: boolean): Error | null {
  if (standing === undefined || !maySee(standing)) return new NotFoundError('Event');
  if (standing.sanction !== null && isBanned(standing)) return new SanctionedError(standing.sanction);
  const { status, freeSeats } = standing.event;
  if (!isOpen(status)) return new EventNotOpenError(status);
  // A seat that is free while others wait is theirs, and is about to be offered.
  const isFull = freeSeats !== null && (freeSeats <= 0 || othersWait);
  return isFull && !standing.isHost ? null : new NotFullError();
}

/** Whether somebody whose turn it is may still have the seat. */
export const mayBeOffered = (standing: Standing | undefined): boolean =>
  standing !== undefined && maySee(standing) && !isBanned(standing) && standing.participantId === null;
