import { z } from 'zod';
import { readToldProfile } from '../accounts/told-profile.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import {
  EventNotOpenError,
  NotFoundError,
  NotParticipantError,
  SlowModeError,
  UnauthenticatedError,
} from '../errors.ts';
import { moderates, type Standing, standingIn } from '../events/access.ts';
import { type Entry, feeds } from '../feed/entry.ts';
import { once } from '../feed/idempotency.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import { newId } from '../ids.ts';
import { parseInput, text } from '../input.ts';
import { messageSent } from './entries.ts';
import { chatOpenIn, isChatOpen, slowModeWait } from './rules.ts';

const SendMessage = z.object({
  eventId: z.uuid(),
  text: text(1, 500),
  replyToId: z.uuid().nullish(),
  idempotencyKey: z.string().min(1).max(64).nullish(),
});
export type SendMessageInput = z.input<typeof SendMessage>;

/**
 * Sends a message: its row, its engagement and its fact in one transaction. Resolves to the message's id when they are
 * committed. Throws NotFoundError, EventNotOpenError, NotParticipantError, SlowModeError, InvalidInputError,
 * IdempotencyConflictError.
 */
export function createSend(write: Write) {
  return async (viewer: Viewer, raw: SendMessageInput): Promise<string> => {
    const { idempotencyKey, ...input } = parseInput(SendMessage, raw);
    return write((work) =>
      once(work.tx, { userId: viewer.id, key: idempotencyKey ?? null, operation: 'sendMessage', input }, () =>
        send(work, viewer, { ...input, replyToId: input.replyToId ?? null }),
      ),
    );
  };
}

async function send(
  { tx, append }: Work,
  viewer: Viewer,
  { eventId, text, replyToId }: { eventId: string; text: string; replyToId: string | null },
): Promise<string> {
  const standing = await standingIn(tx, viewer, eventId);
  if (standing === null) throw new NotFoundError('Event');
  if (!isChatOpen(standing.event.status)) throw new EventNotOpenError(standing.event.status);
  const participantId = await speaker(tx, viewer, standing);
  if (replyToId !== null && (await tx.message.count({ where: { id: replyToId, eventId } })) === 0) {
    throw new NotFoundError('Message');
  }
  await keepSlowMode(tx, standing, participantId);
  const author = await readToldProfile(tx, viewer.id);
  if (author === null) throw new UnauthenticatedError();
  const messageId = newId();
  const fact = messageSent.draft(
    { messageId, eventId, text, removedBy: null, actor: author, replyToId },
    { actorId: viewer.id, subjectId: messageId },
  );
  append(feeds.event(eventId), fact, (entry) =>
    insert(tx, entry, { eventId, participantId, messageId, text, replyToId }),
  );
  return messageId;
}

/** The participant who speaks. The host speaks without joining, and gets the row that an engagement needs, without a seat. */
async function speaker(tx: Transaction, viewer: Viewer, { participantId, isHost, event }: Standing): Promise<string> {
  if (participantId !== null) return participantId;
  if (!isHost) throw new NotParticipantError();
  const place = { userId: viewer.id, eventId: event.id };
  const row = await tx.participant.upsert({
    where: { userId_eventId: place },
    create: place,
    update: { leftAt: null },
    select: { id: true },
  });
  return row.id;
}

/** The conditional update is the judge: of two messages sent at once, one finds the time taken. */
async function keepSlowMode(tx: Transaction, standing: Standing, participantId: string): Promise<void> {
  const { slowModeSeconds } = standing.event;
  if (slowModeSeconds === 0 || moderates(standing)) return;
  const taken = await tx.$executeRaw`
    UPDATE "Participant" SET "lastMessageAt" = clock_timestamp()
    WHERE id = ${participantId}::uuid
      AND ("lastMessageAt" IS NULL OR "lastMessageAt" <= clock_timestamp() - make_interval(secs => ${slowModeSeconds}))`;
  if (taken === 1) return;
  const [clock] = await tx.$queryRaw<{ lastMessageAt: Date | null; now: Date }[]>`
    SELECT "lastMessageAt", clock_timestamp() AS now FROM "Participant" WHERE id = ${participantId}::uuid`;
  const now = clock?.now.getTime() ?? 0;
  const wait = slowModeWait({
    lastSentAt: clock?.lastMessageAt?.getTime() ?? null,
    intervalMs: slowModeSeconds * 1000,
    now,
  });
  // The interval may have run out between the two statements; the client is told the shortest wait there is.
  throw new SlowModeError(Math.max(1, Math.ceil(wait)));
}

interface NewMessage {
  eventId: string;
  participantId: string;
  messageId: string;
  text: string;
  replyToId: string | null;
}

/**
 * Runs under the feed's lock, where the end of an event is stated too: a message either precedes it or is refused.
 */
async function insert(tx: Transaction, entry: Entry, message: NewMessage): Promise<void> {
  const at = new Date(entry.occurredAt);
  const inserted = await tx.$executeRaw`
    WITH open AS (
      SELECT id FROM "VideoEvent" WHERE id = ${message.eventId}::uuid AND status::text = ANY(${[...chatOpenIn]})
    ), engagement AS (
      INSERT INTO "EngagementLog" (id, "participantId", "eventId", "engagementType", "engagementTime", "subjectId")
      SELECT ${newId()}::uuid, ${message.participantId}::uuid, id, 'MESSAGE', ${at}, ${message.messageId}::uuid FROM open
    )
    INSERT INTO "Message" (id, "eventId", "participantId", "authorId", sequence, text, "replyToId", "createdAt", "updatedAt")
    SELECT ${message.messageId}::uuid, id, ${message.participantId}::uuid, ${entry.actorId}::uuid, ${entry.sequence},
      ${message.text}, ${message.replyToId}::uuid, ${at}, ${at} FROM open`;
  if (inserted === 1) return;
  const event = await tx.videoEvent.findUnique({ where: { id: message.eventId }, select: { status: true } });
  if (event === null) throw new NotFoundError('Event');
  throw new EventNotOpenError(event.status);
}
