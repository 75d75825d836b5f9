import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { moderatedBy, moderates, type Standing, standingIn, visibleTo } from '../events/access.ts';
import { lockRow } from '../events/lock.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { type PollRow, pollColumns } from './poll.ts';
import { isPublic, publicStatuses } from './rules.ts';

/** The polls a viewer may know of: the open and closed ones of events they see, and all of those that they keep. */
export function visiblePolls(viewer: Viewer | null): Prisma.PollWhereInput {
  // Not left to the conditions below: an empty one within OR counts as false.
  if (viewer?.role === 'ADMIN') return {};
  return {
    OR: [{ event: moderatedBy(viewer) }, { status: { in: [...publicStatuses] }, event: visibleTo(viewer) }],
  };
}

/**
 * The poll for a write that only moderators may do, with its event locked: nothing else moves either of them meanwhile but votes
 * and a closing. Throws NotFoundError where the viewer may not know of it, ForbiddenError for others who may.
 */
export async function lockPoll(
  tx: Transaction,
  viewer: Viewer,
  pollId: string,
): Promise<{ poll: PollRow; standing: Standing }> {
  const place = await tx.poll.findUnique({ where: { id: pollId }, select: { eventId: true } });
  if (place === null) throw new NotFoundError('Poll');
  await lockRow(tx, place.eventId);
  const standing = await standingIn(tx, viewer, place.eventId);
  const poll = await tx.poll.findUnique({ where: { id: pollId }, select: pollColumns });
  if (standing === null || poll === null) throw new NotFoundError('Poll');
  if (!moderates(standing)) {
    if (!isPublic(poll.status)) throw new NotFoundError('Poll');
    throw new ForbiddenError('Only the host and moderators do this with polls.');
  }
  return { poll, standing };
}
