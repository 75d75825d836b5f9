import type { Viewer } from '../auth/viewer.ts';
import { moderatedBy, visibleTo } from '../events/access.ts';
import type { Prisma } from '../generated/prisma/client.ts';

/** The places in events a viewer may know of: their own, and those of events they host or moderate. Never those of an event they may not see. */
export function visiblePlaces(viewer: Viewer | null): Prisma.ParticipantWhereInput {
  if (viewer === null) return { id: { in: [] } };
  // Not left to the conditions below: an empty one within OR counts as false.
  if (viewer.role === 'ADMIN') return {};
  return { event: visibleTo(viewer), OR: [{ userId: viewer.id }, { event: moderatedBy(viewer) }] };
}

/** The same for what was done in them. */
export const visibleEngagements = (viewer: Viewer | null): Prisma.EngagementLogWhereInput => ({
  participant: visiblePlaces(viewer),
});
