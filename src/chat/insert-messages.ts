import type { Transaction } from '../db/client.ts';
import { EventNotOpenError, NotFoundError, SanctionedError, type SanctionTerms } from '../errors.ts';
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
 * end of an event and sanctions are stated too: messages either precede these, or are refused with EventNotOpenError or SanctionedError.
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
    ), allowed AS (
      SELECT * FROM sent WHERE NOT EXISTS (
        SELECT 1 FROM "Sanction" s WHERE s."eventId" = ${eventId}::uuid AND s."userId" = sent."authorId" AND s."liftedAt" IS NULL
          AND (s.until IS NULL OR s.until > clock_timestamp()))
    ), open AS (
      SELECT id FROM "VideoEvent" WHERE id = ${eventId}::uuid AND status::text = ANY(${[...chatOpenIn]})
    ), engagements AS (
      INSERT INTO "EngagementLog" (id, "participantId", "eventId", "engagementType", "engagementTime", "subjectId")
      SELECT "engagementId", "participantId", open.id, 'MESSAGE', "sentAt", "messageId" FROM allowed, open
    )
    INSERT INTO "Message" (id, "eventId", "participantId", "authorId", sequence, text, "replyToId", "createdAt", "updatedAt")
    SELECT "messageId", open.id, "participantId", "authorId", sequence, text, "replyToId", "sentAt", "sentAt" FROM allowed, open`;
  if (inserted === rows.length) return sent;
  throw await refusalOf(
    tx,
    eventId,
    rows.map(({ authorId }) => authorId),
  );
}

/** What came between the judging of these messages and their places. */
async function refusalOf(tx: Transaction, eventId: string, authorIds: readonly string[]): Promise<Error> {
  const event = await tx.videoEvent.findUnique({ where: { id: eventId }, select: { status: true } });
  if (event === null) return new NotFoundError('Event');
  const [sanction] = await tx.$queryRaw<SanctionTerms[]>`
    SELECT kind::text AS kind, reason, until FROM "Sanction" WHERE "eventId" = ${eventId}::uuid
      AND "userId" = ANY(${[...authorIds]}::uuid[]) AND "liftedAt" IS NULL AND (until IS NULL OR until > clock_timestamp())`;
  return sanction === undefined ? new EventNotOpenError(event.status) : new SanctionedError(sanction);
}
