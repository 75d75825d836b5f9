import { UnauthenticatedError } from '../errors.ts';
import type { Role } from '../generated/prisma/enums.ts';

/** Who is asking, as the access token says: nothing is read from the database for it. */
export interface Viewer {
  readonly id: string;
  /** The session the token belongs to. */
  readonly sessionId: string;
  readonly role: Role;
  /** When the access token expires, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The viewer of a request that needs one. Throws UnauthenticatedError for a guest. */
export function signedIn(viewer: Viewer | null): Viewer {
  if (viewer === null) throw new UnauthenticatedError();
  return viewer;
}
