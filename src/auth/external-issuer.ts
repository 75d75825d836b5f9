import { type JWTHeaderParameters, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { UnauthenticatedError, UnavailableError } from '../errors.ts';
import type { Log } from '../log.ts';
import { createIssuerKeys } from './issuer-keys.ts';
import { clockTolerance, withinItsTime } from './token-times.ts';
import { refusalOf } from './tokens.ts';

/** What an external issuer's access token says. */
export interface ExternalToken {
  readonly issuer: string;
  readonly subject: string;
  /** The issuer's own session (`sid`); null: its tokens name none. */
  readonly issuerSession: string | null;
  /** Milliseconds since 1970, whole seconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Claims for an account's first sight, as the issuer wrote them; null: none. */
  readonly username: string | null;
  readonly email: string | null;
  readonly emailVerified: boolean;
}

/** An OpenID Connect provider whose access tokens are accepted beside our own. */
export interface ExternalIssuer {
  /** The `iss` of its tokens. */
  readonly name: string;
  /** Throws UnauthenticatedError for a bad token, UnavailableError while it cannot be judged. Knows nothing of revocation. */
  verify(token: string): Promise<ExternalToken>;
  close(): void;
}

/** Signatures that nobody but the holder of a private key can make. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Kept by PostgreSQL, whose texts have no NUL. */
const identifier = z
  .string()
  .min(1)
  .max(255)
  .refine((value) => !value.includes('\0'));
/** Seconds since 1970, up to the year 9999: later a Date cannot say it, nor PostgreSQL. */
const instant = z.number().max(253_402_300_799);

const claimsSchema = z.looseObject({
  sub: identifier,
  exp: instant,
  iat: instant,
  sid: identifier.optional(),
});

export interface ExternalIssuerDeps {
  /** The time by which tokens expire, in ms since 1970. */
  now: () => number;
  log: Log;
}

export function createExternalIssuer(
  oidc: NonNullable<Config['oidc']>,
  { now, log }: ExternalIssuerDeps,
): ExternalIssuer {
  const { issuer, audience, claims } = oidc;
  const keys = createIssuerKeys({ issuer, jwksUrl: oidc.jwksUrl, refreshSeconds: oidc.jwksSeconds, log });
  const expected = { algorithms, issuer, audience, clockTolerance };
  return {
    name: issuer,
    async verify(token) {
      try {
        const { payload, protectedHeader } = await jwtVerify(token, keys.find, {
          ...expected,
          currentDate: new Date(now()),
        });
        if (!isAccessToken(protectedHeader, payload)) throw new UnauthenticatedError('Send an access token.');
        const { sub, exp, iat, sid } = claimsSchema.parse(payload);
        withinItsTime({ exp, iat }, now());
        return {
          issuer,
          subject: sub,
          issuerSession: sid ?? null,
          issuedAt: iat * 1000,
          expiresAt: exp * 1000,
          username: textClaim(payload, claims.username),
          email: textClaim(payload, claims.email),
          emailVerified: payload.email_verified === true,
        };
      } catch (error) {
        throw error instanceof UnavailableError ? error : refusalOf(error);
      }
    },
    close: keys.close,
  };
}

/**
 * RFC 9068's type, or what issuers that do not follow it write. Their ID and refresh tokens carry the same signature: the
 * audience keeps them out, and where they say what they are (Keycloak, Cognito), that does too.
 */
function isAccessToken({ typ }: JWTHeaderParameters, payload: JWTPayload): boolean {
  const type = (typ ?? 'JWT').toLowerCase().replace(/^application\//, '');
  if (type !== 'jwt' && type !== 'at+jwt') return false;
  if (typeof payload.typ === 'string' && payload.typ !== 'Bearer') return false;
  return payload.token_use === undefined || payload.token_use === 'access';
}

function textClaim(payload: JWTPayload, name: string): string | null {
  const value = Object.hasOwn(payload, name) ? payload[name] : null;
  return typeof value === 'string' && value !== '' ? value.slice(0, 1000) : null;
}
