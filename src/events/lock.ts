import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { runs, type Standing, standingIn } from './access.ts';

/** Locks the event's row until the transaction ends. Everybody who writes to an event takes this lock first. */
export async function lockRow(tx: Transaction, eventId: string): Promise<void> {
  // Not FOR UPDATE: rows that refer to the event (messages) may be written meanwhile.
  await tx.$queryRaw`SELECT 1 FROM "VideoEvent" WHERE id = ${eventId}::uuid FOR NO KEY UPDATE`;
}

/**
 * Takes the event's lock, and tells how the viewer stands to it: what is, not what was before others
 * let go of the row. Throws NotFoundError where the viewer may not know of it.
 */
export async function lockEvent(tx: Transaction, viewer: Viewer, eventId: string): Promise<Standing> {
  await lockRow(tx, eventId);
  const standing = await standingIn(tx, viewer, eventId);
  if (standing === null) throw new NotFoundError('Event');
  return standing;
}

/** The same for a write that only the host and admins may do. Throws ForbiddenError for others who see the event. */
export async function lockOwn(tx: Transaction, viewer: Viewer, eventId: string): Promise<Standing> {
  const standing = await lockEvent(tx, viewer, eventId);
  if (!runs(standing)) throw new ForbiddenError('Only the host may do this.');
  return standing;
}
