import { UnauthenticatedError } from '../errors.ts';

/** How far ahead the clock of a token's issuer may be, in seconds. */
export const clockTolerance = 60;

/**
 * Expired is expired, to the millisecond of the database's clock: a socket that opened with such a token would be closed in
 * the next moment. Only the beginning has a tolerance, since a token that is used at once comes from a clock that may be
 * ahead. The token's times are seconds since 1970, `now` is
 * in ms. Throws UnauthenticatedError.
 */
export function withinItsTime({ exp, iat }: { exp: number; iat: number }, now: number): void {
  if (exp * 1000 <= now) throw new UnauthenticatedError('The access token has expired.');
  if ((iat - clockTolerance) * 1000 > now) throw new UnauthenticatedError('The access token is not valid yet.');
}
