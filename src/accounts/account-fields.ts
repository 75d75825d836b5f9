import { z } from 'zod';
import { httpsUrl, text } from '../input.ts';

/** Names of deleted accounts, which nobody may take on. */
const reserved = /^deleted(_|$)/i;

export const username = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9_]{3,30}$/, { error: 'must have 3 to 30 letters, digits and underscores' })
  .refine((name) => !reserved.test(name), { error: 'is reserved' });

/** As typed, but for spaces around it. */
export const email = z
  .string()
  .trim()
  .pipe(
    z
      .email({ error: 'must be an email address' })
      // RFC 5321: the longest address that can be mailed to.
      .max(254, { error: 'must have at most 254 characters' }),
  );

/** What stands in the place of an address where an external issuer gave none that is free. Nothing is mailed there. */
export const placeholderAddress = (userId: string): string => `${userId}@external.invalid`;
export const noAddress = /@external\.invalid$/;

/** Of a password as it is typed, in UTF-16 units. */
const longestRaw = 1024;

/**
 * NFKC, so that one password typed on two keyboards is one (RFC 8265); nothing is cut off. Without what a C string or UTF-8
 * cannot hold: different passwords must not become one.
 */
export const newPassword = z
  .string()
  // Before it is normalised, which takes the square of a pile of marks.
  .max(longestRaw, { error: 'must have 8 to 128 characters' })
  .refine((raw) => !/[\0\p{Cs}]/u.test(raw), { error: 'must not have NUL or half characters' })
  .transform((raw) => raw.normalize('NFKC'))
  .refine((value) => [...value].length >= 8 && [...value].length <= 128, { error: 'must have 8 to 128 characters' });

/** A password to compare: anything up to what `newPassword` could have taken. */
export const givenPassword = z
  .string()
  .max(longestRaw, { error: `must have at most ${longestRaw} characters` })
  .transform((raw) => raw.normalize('NFKC'));

export const displayName = text(1, 50);
export const avatarUrl = httpsUrl;

/** What somebody logs in with: a user name or an email address. */
export const login = text(1, 254);

/** What log-ins for one account are counted by, however its name was typed. Null: it can be no account's. */
export const countedLogin = (typed: string): string | null => login.safeParse(typed).data?.toLowerCase() ?? null;
