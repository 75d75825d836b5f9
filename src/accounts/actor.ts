import type { Transaction } from '../db/client.ts';
import { UnauthenticatedError } from '../errors.ts';
import type { User } from '../generated/prisma/client.ts';
import { type Profile, type profileColumns, profileOf } from './profile.ts';

/**
 * Whose deed a fact tells: read it in the fact's transaction. The account cannot be deleted before that ends, so a deletion
 * finds and redacts the fact. Throws UnauthenticatedError for an account that was deleted a moment ago.
 */
export async function readActor(tx: Transaction, userId: string): Promise<Profile> {
  const [user] = await tx.$queryRaw<Pick<User, keyof typeof profileColumns>[]>`
    SELECT id, username, "displayName", "avatarUrl", "deletedAt" FROM "User" WHERE id = ${userId}::uuid FOR KEY SHARE`;
  if (user === undefined || user.deletedAt !== null) throw new UnauthenticatedError('The account was deleted.');
  return profileOf(user);
}
