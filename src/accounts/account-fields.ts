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

/**
 * NFKC, so that one password typed on two keyboards is one (RFC 8265); nothing is cut off. Without what a C string or UTF-8
 * cannot hold: different passwords must not become one.
 */
export const newPassword = z
  .string()
  .refine((raw) => !/[\0\p{Cs}]/u.test(raw), { error: 'must not have NUL or half characters' })
  .transform((raw) => raw.normalize('NFKC'))
  .refine((value) => [...value].length >= 8 && [...value].length <= 128, { error: 'must have 8 to 128 characters' });

/** A password to compare: anything up to what `newPassword` could have taken. */
export const givenPassword = z
  .string()
  .max(1024, { error: 'must have at most 1024 characters' })
  .transform((raw) => raw.normalize('NFKC'));

export const displayName = text(1, 50);
export const avatarUrl = httpsUrl;
