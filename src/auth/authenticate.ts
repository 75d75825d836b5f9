import { decodeJwt } from 'jose';
import { UnauthenticatedError } from '../errors.ts';
import type { ExternalIssuer, ExternalToken } from './external-issuer.ts';
import type { Revocations } from './revocations.ts';
import type { Tokens } from './tokens.ts';
import type { Viewer } from './viewer.ts';

/**
 * Who holds this access token; null for no token: a guest. Throws UnauthenticatedError, and UnavailableError for an external
 * token that cannot be judged at the moment. Asks no database for tokens of ours, nor for external ones it has just seen.
 */
export type Authenticate = (token: string | null) => Promise<Viewer | null>;

export interface AuthenticateDeps {
  tokens: Pick<Tokens, 'verify'>;
  revocations: Pick<Revocations, 'isRevoked'>;
  /** Null: tokens of our own alone. */
  external: {
    issuer: ExternalIssuer;
    /** The user that the token stands for. Throws UnauthenticatedError when it came before their session ended. */
    viewerOf: (token: ExternalToken) => Promise<Viewer>;
  } | null;
}

export function createAuthenticate({ tokens, revocations, external }: AuthenticateDeps): Authenticate {
  return async (token) => {
    if (token === null) return null;
    if (external !== null && claimedIssuer(token) === external.issuer.name) {
      return external.viewerOf(await external.issuer.verify(token));
    }
    const viewer = await tokens.verify(token);
    if (revocations.isRevoked(viewer.sessionId)) throw new UnauthenticatedError('The session has ended. Log in again.');
    return viewer;
  };
}

/** Only chooses who judges the token: each accepts no issuer but its own. */
function claimedIssuer(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null;
  } catch {
    return null;
  }
}
