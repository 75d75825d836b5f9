import { UnauthenticatedError } from '../errors.ts';

/** Longest access token that is looked at, in characters. Ours have about 400; an external issuer's some thousand. */
export const longestToken = 8192;

/**
 * The token of a request's `Authorization` headers; null for none: a guest. Whoever sends something else than one bearer
 * token means to be somebody, and is not taken for a guest. Throws UnauthenticatedError.
 */
export function bearerToken(headers: readonly string[]): string | null {
  const [header = '', ...more] = headers.map((value) => value.trim()).filter((value) => value !== '');
  if (header === '') return null;
  const token = /^Bearer +([^\s]+)$/i.exec(header)?.[1];
  // Of two, a proxy in front may have looked at the other one.
  if (token === undefined || more.length > 0) {
    throw new UnauthenticatedError('Send one header, "Authorization: Bearer <access token>".');
  }
  return sized(token);
}

/**
 * The token of a socket's connection parameters: `{ accessToken }`, or `{ authorization: "Bearer …" }` as front ends have it
 * at hand. Null and absent mean none. Throws UnauthenticatedError.
 */
export function socketToken(params: Record<string, unknown>): string | null {
  const given = new Set<string | null>();
  for (const key of ['authorization', 'Authorization']) {
    const value = params[key] ?? '';
    if (typeof value !== 'string') throw new UnauthenticatedError(`\`${key}\` must be a text.`);
    given.add(bearerToken([value]));
  }
  const accessToken = params.accessToken ?? null;
  if (accessToken !== null && typeof accessToken !== 'string') {
    throw new UnauthenticatedError('`accessToken` must be a text.');
  }
  given.add(accessToken === null ? null : sized(accessToken));
  given.delete(null);
  const [token = null, ...more] = given;
  if (more.length > 0) throw new UnauthenticatedError('The connection parameters hold two access tokens.');
  return token;
}

function sized(token: string): string {
  if (token.length <= longestToken) return token;
  throw new UnauthenticatedError('The access token is not valid.');
}
