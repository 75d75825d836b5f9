import type { Transaction } from '../db/client.ts';
import type { User } from '../generated/prisma/client.ts';
import { type Profile, type profileColumns, profileOf } from './profile.ts';

/**
 * A profile that a fact is going to tell; null when there is no such account any more. Read it in the fact's transaction,
 * behind the event's lock: the account cannot be deleted before that transaction ends, so the deletion finds the fact and
 * redacts it.
 */
export async function readToldProfile(tx: Transaction, userId: string): Promise<Profile | null> {
  const [user] = await tx.$queryRaw<Pick<User, keyof typeof profileColumns>[]>`
    SELECT id, username, "displayName", "avatarUrl", "deletedAt" FROM "User"
    WHERE id = ${userId}::uuid AND "deletedAt" IS NULL FOR KEY SHARE`;
  return user === undefined ? null : profileOf(user);
}
