import { profileColumns, profileOf } from '../accounts/profile.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import type { MessageFact } from './entries.ts';

/** A message as everybody who may read it sees it: the same from the table and from a fact. */
export interface Message extends MessageFact {
  /** Its place in the event's feed. */
  readonly sequence: number;
  readonly sentAt: Date;
}

export const messageColumns = {
  id: true,
  eventId: true,
  text: true,
  removedBy: true,
  replyToId: true,
  sequence: true,
  createdAt: true,
  author: { select: profileColumns },
} as const satisfies Prisma.MessageSelect;

type MessageRow = Prisma.MessageGetPayload<{ select: typeof messageColumns }>;

export function messageOf({ id, author, sequence, createdAt, ...row }: MessageRow): Message {
  return {
    messageId: id,
    eventId: row.eventId,
    text: row.text,
    removedBy: row.removedBy,
    actor: profileOf(author),
    replyToId: row.replyToId,
    sequence: Number(sequence),
    sentAt: createdAt,
  };
}
