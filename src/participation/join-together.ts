import type { Profile } from '../accounts/profile.ts';
import { readToldProfiles } from '../accounts/told-profile.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { NotFoundError, UnauthenticatedError } from '../errors.ts';
import { isBanned, maySee, type Standing, standingsIn } from '../events/access.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { lockRow } from '../events/lock.ts';
import { isOpen } from '../events/rules.ts';
import type { Batch } from '../feed/batch.ts';
import { feeds } from '../feed/entry.ts';
import { type Claim, conclude } from '../feed/idempotency.ts';
import { answerRepeated } from '../feed/repeated.ts';
import type { Work } from '../feed/unit-of-work.ts';
import { SanctionedError } from '../moderation/errors.ts';
import { isOffered, type Offer, seatRefused } from '../waitlist/rules.ts';
import { offersTo, someoneWaits } from '../waitlist/waiting.ts';
import type { Engaged } from './engaged.ts';
import { participantJoined } from './entries.ts';
import { CapacityError } from './errors.ts';
import { takePlaces } from './seats.ts';

/** Somebody on their way in. */
export interface Joining {
  readonly viewer: Viewer;
  readonly eventId: string;
  /** Only the seat that was offered to them will do. */
  readonly accepting: boolean;
  /** The idempotency key; null: none. */
  readonly key: string | null;
}

/**
 * Judges a batch, in the order of arrival, and gives places to those who get in. What a joining comes to is its participant's id.
 * Resolves with those who were never here before.
 */
export async function joinTogether(work: Work, eventId: string, batch: Batch<Joining>): Promise<Engaged[]> {
  const { tx } = work;
  const giveBack = await answerRepeated(tx, batch, claimOf);
  const claimed = batch.open.filter(({ key }) => key !== null);
  // Joining again is common (every page load), and so is a storm on an event that is full: neither takes a lock.
  await judge(tx, eventId, batch);
  let newcomers: Engaged[] = [];
  if (batch.open.length > 0) {
    await lockRow(tx, eventId);
    newcomers = await letIn(work, eventId, { batch, ...(await judge(tx, eventId, batch)) });
  }
  await giveBack();
  const results = claimed.flatMap((joining) => {
    const { viewer, key } = joining;
    const verdict = batch.verdictOf(joining);
    return key !== null && 'value' in verdict ? { userId: viewer.id, key, result: verdict.value } : [];
  });
  await conclude(tx, results);
  return newcomers;
}

function claimOf({ viewer, eventId, accepting, key }: Joining): Claim | null {
  if (key === null) return null;
  const operation = accepting ? 'acceptOffer' : 'joinVideoEvent';
  return { userId: viewer.id, key, operation, input: { eventId }, result: null };
}

/** What the batch is judged by, by user. */
interface Judged {
  readonly standings: ReadonlyMap<string, Standing>;
  readonly offers: ReadonlyMap<string, Offer>;
}

/** Whoever holds a place has it; who may not get in, or finds no seat, drops out. */
async function judge(tx: Transaction, eventId: string, batch: Batch<Joining>): Promise<Judged> {
  const viewers = new Map(batch.open.map(({ viewer }) => [viewer.id, viewer]));
  const standings = await standingsIn(tx, [...viewers.values()], eventId);
  const standingOf = new Map(standings.map((standing) => [standing.viewerId ?? '', standing]));
  for (const joining of batch.open) {
    const standing = standingOf.get(joining.viewer.id);
    if (standing === undefined || !maySee(standing)) batch.refuse(joining, new NotFoundError('Event'));
    else if (standing.participantId !== null) batch.answer(joining, standing.participantId);
    else if (standing.sanction !== null && isBanned(standing))
      batch.refuse(joining, new SanctionedError(standing.sanction));
    else if (!isOpen(standing.event.status)) batch.refuse(joining, new EventNotOpenError(standing.event.status));
  }
  const offers = await offersTo(
    tx,
    eventId,
    batch.open.map(({ viewer }) => viewer.id),
  );
  for (const joining of batch.open) {
    const { viewer, accepting } = joining;
    const standing = standingOf.get(viewer.id);
    const refusal = standing && seatRefused(standing, { offer: offers.get(viewer.id), accepting });
    if (refusal) batch.refuse(joining, refusal);
  }
  return { standings: standingOf, offers };
}

/** First come, first seated; what is free while others wait is theirs. The caller has locked the event's row. Tells who is new here. */
async function letIn(
  { tx, append }: Work,
  eventId: string,
  { batch, standings, offers }: Judged & { batch: Batch<Joining> },
): Promise<Engaged[]> {
  const actors = await profilesIn(tx, batch);
  const othersWait = batch.open.length > 0 && (await someoneWaits(tx, eventId));
  const coming = new Map<string, Joining>();
  let kept = 0;
  let free = 0;
  for (const joining of batch.open) {
    const { id } = joining.viewer;
    const first = coming.get(id);
    const standing = standings.get(id);
    const { freeSeats = null, capacity = null } = standing?.event ?? {};
    // The host has a place of their own.
    const needsSeat = standing?.isHost !== true;
    const hasOffer = isOffered(offers.get(id));
    if (first !== undefined) batch.repeat(joining, first);
    else if (!actors.has(id)) batch.refuse(joining, new UnauthenticatedError());
    else if (needsSeat && !hasOffer && freeSeats !== null && (othersWait || free >= freeSeats))
      batch.refuse(joining, new CapacityError(capacity ?? 0));
    else {
      coming.set(id, joining);
      if (needsSeat && hasOffer) kept++;
      else if (needsSeat) free++;
    }
  }
  const places = await takePlaces(tx, eventId, { userIds: [...coming.keys()], seats: kept + free });
  for (const { participantId, userId, firstTime } of places) {
    const joining = coming.get(userId);
    const actor = actors.get(userId);
    if (joining === undefined || actor === undefined) throw new Error('a place was given to nobody who asked');
    batch.answer(joining, participantId);
    const about = { audience: 'moderators', actorId: userId, subjectId: participantId } as const;
    append(feeds.event(eventId), participantJoined.draft({ participantId, actor, firstTime }, about));
  }
  return places
    .filter(({ firstTime }) => firstTime)
    .map(({ userId, participantId }) => ({ userId, trigger: 'JOIN', engagementType: null, subject: participantId }));
}

/** Of those who are still to be judged, by user; deleted accounts have none. */
async function profilesIn(tx: Transaction, batch: Batch<Joining>): Promise<Map<string, Profile>> {
  const profiles = await readToldProfiles(
    tx,
    batch.open.map(({ viewer }) => viewer.id),
  );
  return new Map(profiles.map((profile) => [profile.userId, profile]));
}
