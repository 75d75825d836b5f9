import type { Viewer } from '../auth/viewer.ts';
import type { Prisma } from '../generated/prisma/client.ts';

/** Email and sessions are the user's own, and administrators'. */
export function seesPrivate(viewer: Viewer | null, userId: string): boolean {
  return viewer !== null && (viewer.id === userId || viewer.role === 'ADMIN');
}

/** The same rule as a condition on sessions. Ended ones are nobody's. */
export function visibleSessions(viewer: Viewer | null): Prisma.SessionWhereInput {
  // Matches nothing. (An empty OR does not: within an AND, Prisma drops it.)
  if (viewer === null) return { id: { in: [] } };
  return { revokedAt: null, ...(viewer.role === 'ADMIN' ? {} : { userId: viewer.id }) };
}
