import type { Transaction } from '../db/client.ts';
import { EventNotOpenError, NotFoundError } from '../errors.ts';
import type { Entry } from '../feed/entry.ts';
import { newId } from '../ids.ts';
import { messageSent } from './entries.ts';
import type { Message } from './message.ts';
import { chatOpenIn } from './rules.ts';

/** A message that was taken, and the place it is spoken from. */
export interface NewMessage {
  eventId: string;
  messageId: string;
  participantId: string;
}

/**
 * Writes messages of one event and their engagements, one entry each, in one statement. It runs under the feed's lock, where the
 * end of an event is stated too: messages either precede it, or are refused with EventNotOpenError.
 */
export async function insertMessages(
  tx: Transaction,
  messages: readonly NewMessage[],
  entries: readonly Entry[],
): Promise<Message[]> {
  const placeOf = new Map(messages.map(({ messageId, participantId }) => [messageId, participantId]));
  const sent = entries.flatMap((entry): Message[] =>
    messageSent.is(entry) ? [{ ...entry.payload, sequence: entry.sequence, sentAt: new Date(entry.occurredAt) }] : [],
  );
  const eventId = messages[0]?.eventId ?? '';
  const rows = sent.map((message) => ({
    ...message,
    authorId: message.actor.userId,
    participantId: placeOf.get(message.messageId),
    engagementId: newId(),
  }));
  const inserted = await tx.$executeRaw`
    WITH sent AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS m("messageId" uuid, "participantId" uuid, "authorId" uuid,
        sequence bigint, text text, "replyToId" uuid, "sentAt" timestamptz, "engagementId" uuid)
    ), open AS (
      SELECT id FROM "VideoEvent" WHERE id = ${eventId}::uuid AND status::text = ANY(${[...chatOpenIn]})
    ), engagements AS (
      INSERT INTO "EngagementLog" (id, "participantId", "eventId", "engagementType", "engagementTime", "subjectId")
      SELECT "engagementId", "participantId", open.id, 'MESSAGE', "sentAt", "messageId" FROM sent, open
    )
    INSERT INTO "Message" (id, "eventId", "participantId", "authorId", sequence, text, "replyToId", "createdAt", "updatedAt")
    SELECT "messageId", open.id, "participantId", "authorId", sequence, text, "replyToId", "sentAt", "sentAt" FROM sent, open`;
  if (inserted === rows.length) return sent;
  const event = await tx.videoEvent.findUnique({ where: { id: eventId }, select: { status: true } });
  throw event === null ? new NotFoundError('Event') : new EventNotOpenError(event.status);
}
