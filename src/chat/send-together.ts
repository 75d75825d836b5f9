import type { Profile } from '../accounts/profile.ts';
import { readToldProfiles } from '../accounts/told-profile.ts';
import type { Transaction } from '../db/client.ts';
import { NotFoundError, UnauthenticatedError } from '../errors.ts';
import { standingsIn } from '../events/access.ts';
import type { Batch } from '../feed/batch.ts';
import { type EntryDraft, feeds } from '../feed/entry.ts';
import type { Verdict } from '../feed/group-commit.ts';
import type { Claim } from '../feed/idempotency.ts';
import { answerRepeated } from '../feed/repeated.ts';
import type { Work } from '../feed/unit-of-work.ts';
import type { Engaged, OnEngaged } from '../participation/engaged.ts';
import { NotParticipantError } from '../participation/errors.ts';
import { placeOf, takingPartRefused } from '../participation/taking-part.ts';
import { messageSent } from './entries.ts';
import { insertMessages } from './insert-messages.ts';
import { judgePace, judgeTexts } from './judge-modes.ts';
import type { Message } from './message.ts';
import { seatNewcomers } from './newcomers.ts';
import { isChatOpen } from './rules.ts';
import type { Sending, Speaker, Speakers } from './sending.ts';

/**
 * Judges a batch and states what is taken. `sent` has the new messages once the unit of work is at its end. The work fails with
 * EventNotOpenError when the event ended while the batch waited for its places, and with ChatChanged when what the chat takes changed.
 */
export async function sendTogether(
  work: Work,
  eventId: string,
  { batch, onEngaged }: { batch: Batch<Sending>; onEngaged: OnEngaged },
): Promise<{ verdicts: Verdict<string>[]; sent: Map<string, Message> }> {
  const { tx, append } = work;
  const giveBack = await answerRepeated(tx, batch, claimOf);
  const heard = await judgeSpeakers(tx, eventId, batch);
  await judgeTexts(tx, eventId, { batch, speakers: heard });
  await judgeReplies(tx, eventId, batch);
  const { speakers, joined } = await seatNewcomers(work, eventId, { batch, speakers: heard });
  await judgePace(tx, eventId, { batch, speakers });
  const drafts = await draftAll(tx, batch);
  await giveBack();
  await onEngaged(work, eventId, [...joined, ...batch.open.map(spoke)]);

  const sent = new Map<string, Message>();
  const taken = batch.open.flatMap((sending) => {
    const speaker = speakers.get(sending);
    if (speaker === undefined || speaker.participantId === null) throw new Error('somebody speaks from no place');
    return { ...sending, participantId: speaker.participantId, chatRevision: speaker.standing.event.chat.revision };
  });
  append(feeds.event(eventId), drafts, async (entries) => {
    for (const message of await insertMessages(tx, taken, entries)) sent.set(message.messageId, message);
  });
  for (const sending of batch.open) batch.answer(sending, sending.messageId);
  return { verdicts: batch.verdicts(), sent };
}

const spoke = ({ viewer, messageId }: Sending): Engaged => ({
  userId: viewer.id,
  trigger: 'MESSAGE',
  engagementType: null,
  subject: messageId,
});

function claimOf({ viewer, eventId, text, replyToId, messageId, key }: Sending): Claim | null {
  if (key === null) return null;
  return { userId: viewer.id, key, operation: 'sendMessage', input: { eventId, text, replyToId }, result: messageId };
}

/** Who may not see the event, or not speak in it, drops out. */
async function judgeSpeakers(tx: Transaction, eventId: string, batch: Batch<Sending>): Promise<Speakers> {
  const viewers = new Map(batch.open.map(({ viewer }) => [viewer.id, viewer]));
  const standings = await standingsIn(tx, [...viewers.values()], eventId);
  const standingOf = new Map(standings.map((standing) => [standing.viewerId, standing]));
  const speakers = new Map<Sending, Speaker>();
  for (const sending of batch.open) {
    const standing = standingOf.get(sending.viewer.id);
    const refusal = takingPartRefused(standing, isChatOpen);
    const comesIn = refusal instanceof NotParticipantError && standing?.event.chat.participantsOnly === false;
    if (standing !== undefined && comesIn) speakers.set(sending, { standing, participantId: null });
    else if (standing === undefined || refusal !== null) batch.refuse(sending, refusal ?? new NotFoundError('Event'));
    else speakers.set(sending, { standing, participantId: await placeOf(tx, standing) });
  }
  return speakers;
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
