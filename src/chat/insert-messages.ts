import type { Transaction } from '../db/client.ts';
import { NotFoundError } from '../errors.ts';
import { inForce } from '../events/access.ts';
import { EventNotOpenError } from '../events/errors.ts';
import type { Entry } from '../feed/entry.ts';
import { newId } from '../ids.ts';
import { SanctionedError, type SanctionTerms } from '../moderation/errors.ts';
import { messageSent } from './entries.ts';
import type { Message } from './message.ts';
import { chatOpenIn, isChatOpen } from './rules.ts';

/** A message that was taken, and the place it is spoken from. */
export interface NewMessage {
  eventId: string;
  messageId: string;
  participantId: string;
  /** By which settings of the chat it was judged. */
  chatRevision: number;
}

/** What the chat takes changed after these messages were judged: they are to be judged again. */
export class ChatChanged extends Error {}

/**
 * Writes messages of one event and their engagements, one entry each, in one statement. It runs under the feed's lock, where the
 * end of an event and sanctions are stated too: messages either precede these, or are
 * refused with EventNotOpenError or SanctionedError. So are changes of what the chat takes: messages judged before one fail with ChatChanged.
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
  const { eventId = '', chatRevision = 0 } = messages[0] ?? {};
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
        SELECT 1 FROM "Sanction" s WHERE s."eventId" = ${eventId}::uuid AND s."userId" = sent."authorId" AND ${inForce})
    ), open AS (
      SELECT id FROM "VideoEvent" WHERE id = ${eventId}::uuid AND status::text = ANY(${[...chatOpenIn]})
        AND "chatRevision" = ${chatRevision}
    ), engagements AS (
      INSERT INTO "EngagementLog" (id, "participantId", "eventId", "engagementType", "engagementTime", "subjectId")
      SELECT "engagementId", "participantId", open.id, 'MESSAGE', "sentAt", "messageId" FROM allowed, open
    )
    INSERT INTO "Message" (id, "eventId", "participantId", "authorId", sequence, text, "replyToId", "createdAt", "updatedAt")
    SELECT "messageId", open.id, "participantId", "authorId", sequence, text, "replyToId", "sentAt", "sentAt" FROM allowed, open`;
  if (inserted === rows.length) return sent;
  const authorIds = rows.map(({ authorId }) => authorId);
  throw await refusalOf(tx, { eventId, authorIds, chatRevision });
}

/** What came between the judging of these messages and their places. */
async function refusalOf(
  tx: Transaction,
  { eventId, authorIds, chatRevision }: { eventId: string; authorIds: readonly string[]; chatRevision: number },
): Promise<Error> {
  const event = await tx.videoEvent.findUnique({
    where: { id: eventId },
    select: { status: true, chatRevision: true },
  });
  if (event === null) return new NotFoundError('Event');
  if (isChatOpen(event.status) && event.chatRevision !== chatRevision) return new ChatChanged('the chat changed');
  const [sanction] = await tx.$queryRaw<SanctionTerms[]>`
    SELECT s.kind::text AS kind, s.reason, s.until FROM "Sanction" s
    WHERE s."eventId" = ${eventId}::uuid AND s."userId" = ANY(${[...authorIds]}::uuid[]) AND ${inForce}`;
  return sanction === undefined ? new EventNotOpenError(event.status) : new SanctionedError(sanction);
}
