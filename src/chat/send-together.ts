import type { Profile } from '../accounts/profile.ts';
import { readToldProfiles } from '../accounts/told-profile.ts';
import type { Transaction } from '../db/client.ts';
import { databaseNow } from '../db/clock.ts';
import {
  EventNotOpenError,
  NotFoundError,
  NotParticipantError,
  SanctionedError,
  UnauthenticatedError,
} from '../errors.ts';
import { maySee, type Standing, standingsIn } from '../events/access.ts';
import type { Batch } from '../feed/batch.ts';
import { type EntryDraft, feeds } from '../feed/entry.ts';
import type { Verdict } from '../feed/group-commit.ts';
import type { Claim } from '../feed/idempotency.ts';
import { answerRepeated } from '../feed/repeated.ts';
import type { Work } from '../feed/unit-of-work.ts';
import { messageSent } from './entries.ts';
import { insertMessages } from './insert-messages.ts';
import type { Message } from './message.ts';
import { isChatOpen } from './rules.ts';
import type { Sending, Speaker } from './sending.ts';
import { judgePace } from './slow-mode.ts';

/**
 * Judges a batch and states what is taken. `sent` has the new messages once the unit of work is at its end. The work fails with
 * EventNotOpenError when the event ended while the batch waited for its places.
 */
export async function sendTogether(
  { tx, append }: Work,
  eventId: string,
  batch: Batch<Sending>,
): Promise<{ verdicts: Verdict<string>[]; sent: Map<string, Message> }> {
  const giveBack = await answerRepeated(tx, batch, claimOf);
  const speakers = await judgeSpeakers(tx, eventId, batch);
  await judgeReplies(tx, eventId, batch);
  await judgePace(tx, batch, speakers);
  const drafts = await draftAll(tx, batch);
  await giveBack();

  const sent = new Map<string, Message>();
  const taken = batch.open.flatMap((sending) => ({
    ...sending,
    participantId: speakers.get(sending)?.participantId ?? '',
  }));
  append(feeds.event(eventId), drafts, async (entries) => {
    for (const message of await insertMessages(tx, taken, entries)) sent.set(message.messageId, message);
  });
  for (const sending of batch.open) batch.answer(sending, sending.messageId);
  return { verdicts: batch.verdicts(), sent };
}

function claimOf({ viewer, eventId, text, replyToId, messageId, key }: Sending): Claim | null {
  if (key === null) return null;
  return { userId: viewer.id, key, operation: 'sendMessage', input: { eventId, text, replyToId }, result: messageId };
}

/** Who may not see the event, or not speak in it, drops out. */
async function judgeSpeakers(tx: Transaction, eventId: string, batch: Batch<Sending>): Promise<Map<Sending, Speaker>> {
  const viewers = new Map(batch.open.map(({ viewer }) => [viewer.id, viewer]));
  const standings = await standingsIn(tx, [...viewers.values()], eventId);
  const standingOf = new Map(standings.map((standing) => [standing.viewerId, standing]));
  const speakers = new Map<Sending, Speaker>();
  for (const sending of batch.open) {
    const standing = standingOf.get(sending.viewer.id);
    const refusal = speakingRefused(standing);
    if (standing === undefined || refusal !== null) batch.refuse(sending, refusal ?? new NotFoundError('Event'));
    else speakers.set(sending, { standing, participantId: standing.participantId ?? (await hostsPlace(tx, standing)) });
  }
  return speakers;
}

/** Why somebody with this standing may not speak; null: they may. */
function speakingRefused(standing: Standing | undefined): Error | null {
  if (standing === undefined || !maySee(standing)) return new NotFoundError('Event');
  if (!isChatOpen(standing.event.status)) return new EventNotOpenError(standing.event.status);
  if (standing.sanction !== null) return new SanctionedError(standing.sanction);
  return standing.participantId === null && !standing.isHost ? new NotParticipantError() : null;
}

/** The host speaks without joining, and gets the row that an engagement needs, without a seat. */
async function hostsPlace(tx: Transaction, { event }: Standing): Promise<string> {
  const place = { userId: event.hostId, eventId: event.id };
  const { id } = await tx.participant.upsert({
    where: { userId_eventId: place },
    create: { ...place, joinedAt: await databaseNow(tx) },
    update: { leftAt: null },
    select: { id: true },
  });
  return id;
}

/** A reply answers a message of the same event. */
async function judgeReplies(tx: Transaction, eventId: string, batch: Batch<Sending>): Promise<void> {
  const wanted = batch.open.flatMap(({ replyToId }) => replyToId ?? []);
  if (wanted.length === 0) return;
  const rows = await tx.message.findMany({
    where: { id: { in: wanted }, eventId },
    select: { id: true },
  });
  const found = new Set(rows.map(({ id }) => id));
  for (const sending of batch.open) {
    if (sending.replyToId !== null && !found.has(sending.replyToId))
      batch.refuse(sending, new NotFoundError('Message'));
  }
}

/** What is still open becomes facts; an account that was deleted meanwhile has no voice. */
async function draftAll(tx: Transaction, batch: Batch<Sending>): Promise<EntryDraft[]> {
  const profiles = await readToldProfiles(tx, [...new Set(batch.open.map(({ viewer }) => viewer.id))]);
  const authors = new Map<string, Profile>(profiles.map((profile) => [profile.userId, profile]));
  return batch.open.flatMap((sending) => {
    const { messageId, eventId, text, replyToId, viewer } = sending;
    const actor = authors.get(viewer.id);
    if (actor === undefined) {
      batch.refuse(sending, new UnauthenticatedError());
      return [];
    }
    const fact = { messageId, eventId, text, removedBy: null, actor, replyToId };
    return messageSent.draft(fact, { actorId: viewer.id, subjectId: messageId });
  });
}
