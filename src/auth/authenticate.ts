import { UnauthenticatedError } from '../errors.ts';
import type { Revocations } from './revocations.ts';
import type { Tokens } from './tokens.ts';
import type { Viewer } from './viewer.ts';

/** Who holds this access token; null for no token: a guest. Throws UnauthenticatedError. Asks no database. */
export type Authenticate = (token: string | null) => Promise<Viewer | null>;

export function createAuthenticate(
  tokens: Pick<Tokens, 'verify'>,
  revocations: Pick<Revocations, 'isRevoked'>,
): Authenticate {
  return async (token) => {
    if (token === null) return null;
    const viewer = await tokens.verify(token);
    if (revocations.isRevoked(viewer.sessionId)) throw new UnauthenticatedError('The session has ended. Log in again.');
    return viewer;
  };
}
