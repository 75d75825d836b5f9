import { createLocalJWKSet, errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { UnauthenticatedError } from '../errors.ts';
import { Role } from '../generated/prisma/enums.ts';
import { algorithm, type SigningKeys } from './keys.ts';
import { clockTolerance, withinItsTime } from './token-times.ts';
import type { Viewer } from './viewer.ts';

export interface TokenClaims {
  userId: string;
  sessionId: string;
  role: Role;
}

/** Access tokens: JWTs (RFC 9068) that say who is asking without a look at the database. */
export interface Tokens {
  /** Good from now for `accessTokenSeconds`, in whole seconds. */
  sign(claims: TokenClaims): Promise<{ token: string; expiresAt: Date }>;
  /** Throws UnauthenticatedError for anything but a live token of ours. Knows nothing of revocation. */
  verify(token: string): Promise<Viewer>;
  /** The JWK Set that others verify with. */
  jwks(): object;
}

export interface TokensOptions {
  keys: SigningKeys;
  /** `iss` and `aud`. */
  issuer: string;
  accessTokenSeconds: number;
  /** What time it is, in ms since 1970: the same on every instance. @default this machine's clock */
  now?: () => number;
}

const type = 'at+jwt';

/** Tokens whose signatures are remembered, the oldest forgotten first: some 600 bytes each. */
const mostVerified = 10_000;

const claimsSchema = z.object({ sub: z.uuid(), sid: z.uuid(), role: z.enum(Role), exp: z.number(), iat: z.number() });

type Claims = z.infer<typeof claimsSchema>;

export function createTokens({ keys, issuer, accessTokenSeconds, now = Date.now }: TokensOptions): Tokens {
  const jwks = { keys: [...keys.publicKeys.keys] };
  // Keys come from here alone: a `jwk`, `jku` or `x5u` in a token's header is never looked at.
  const publicKeys = createLocalJWKSet(jwks);
  const expected = { algorithms: [algorithm], issuer, audience: issuer, typ: type, clockTolerance };

  // A client sends its token with every request: its signature is as good as it was. What changes, the time, is looked at anew.
  const verified = new Map<string, Claims>();

  async function check(token: string): Promise<Claims> {
    const { payload } = await jwtVerify(token, publicKeys, { ...expected, currentDate: new Date(now()) });
    const claims = claimsSchema.parse(payload);
    if (verified.size >= mostVerified) verified.delete(verified.keys().next().value ?? '');
    verified.set(token, claims);
    return claims;
  }

  return {
    async sign({ userId, sessionId, role }) {
      const issued = Math.floor(now() / 1000);
      const expires = issued + accessTokenSeconds;
      const token = await new SignJWT({ sid: sessionId, role })
        .setProtectedHeader({ alg: algorithm, kid: keys.signer.kid, typ: type })
        .setSubject(userId)
        .setIssuer(issuer)
        .setAudience(issuer)
        .setIssuedAt(issued)
        .setExpirationTime(expires)
        .sign(keys.signer.key);
      return { token, expiresAt: new Date(expires * 1000) };
    },
    async verify(token) {
      try {
        const claims = verified.get(token) ?? (await check(token));
        withinItsTime(claims, now());
        const { sub, sid, role, exp } = claims;
        return { id: sub, sessionId: sid, role, expiresAt: exp * 1000 };
      } catch (error) {
        throw refusalOf(error);
      }
    },
    jwks: () => jwks,
  };
}

/** What is wrong with a token, in words that tell its holder whether to refresh. */
export function refusalOf(error: unknown): UnauthenticatedError {
  if (error instanceof UnauthenticatedError) return error;
  if (error instanceof errors.JWTExpired) return new UnauthenticatedError('The access token has expired.');
  return new UnauthenticatedError('The access token is not valid.');
}
