import type { Transaction } from '../db/client.ts';
import { databaseNow } from '../db/clock.ts';
import { NotFoundError } from '../errors.ts';
import { maySee, type Standing } from '../events/access.ts';
import { EventNotOpenError } from '../events/errors.ts';
import type { EventStatus } from '../generated/prisma/enums.ts';
import { SanctionedError } from '../moderation/errors.ts';
import { NotParticipantError } from './errors.ts';

/** Why somebody with this standing may not take part in an event that is in this status now; null: they may. */
export function takingPartRefused(
  standing: Standing | undefined,
  isOpen: (status: EventStatus) => boolean,
): Error | null {
  if (standing === undefined || !maySee(standing)) return new NotFoundError('Event');
  if (!isOpen(standing.event.status)) return new EventNotOpenError(standing.event.status);
  if (standing.sanction !== null) return new SanctionedError(standing.sanction);
  return standing.participantId === null && !standing.isHost ? new NotParticipantError() : null;
}

/** The place that somebody who may take part has. The host needs not join, and gets the row that an engagement needs, without a seat. */
export async function placeOf(tx: Transaction, { participantId, event }: Standing): Promise<string> {
  if (participantId !== null) return participantId;
  const place = { userId: event.hostId, eventId: event.id };
  const { id } = await tx.participant.upsert({
    where: { userId_eventId: place },
    create: { ...place, joinedAt: await databaseNow(tx) },
    update: { leftAt: null },
    select: { id: true },
  });
  return id;
}
