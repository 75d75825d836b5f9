import type { Viewer } from '../auth/viewer.ts';
import type { Prisma } from '../generated/prisma/client.ts';

/** Email and sessions are the user's own, and administrators'. */
export function seesPrivate(viewer: Viewer | null, userId: string): boolean {
  return viewer !== null && (viewer.id === userId || viewer.role === 'ADMIN');
}

/** The same rule as a condition on sessions. Ended ones are nobody's. */
export function visibleSessions(viewer: Viewer | null): Prisma.SessionWhereInput {
  // An empty OR matches nothing.
  if (viewer === null) return { OR: [] };
  return { revokedAt: null, ...(viewer.role === 'ADMIN' ? {} : { userId: viewer.id }) };
}
