import type { Transaction } from '../db/client.ts';
import type { User } from '../generated/prisma/client.ts';
import { type Profile, type profileColumns, profileOf } from './profile.ts';

/**
 * Profiles that a fact is going to tell, of those among these accounts that still exist. Read them in the fact's transaction,
 * behind the event's lock: none of the accounts can be deleted before that transaction ends, so a deletion finds the fact and
 * redacts it.
 */
export async function readToldProfiles(tx: Transaction, userIds: readonly string[]): Promise<Profile[]> {
  const users = await tx.$queryRaw<Pick<User, keyof typeof profileColumns>[]>`
    SELECT id, username, "displayName", "avatarUrl", "deletedAt" FROM "User"
    WHERE id = ANY(${[...userIds]}::uuid[]) AND "deletedAt" IS NULL ORDER BY id FOR KEY SHARE`;
  return users.map(profileOf);
}

/** The same for one account; null when there is no such account any more. */
export async function readToldProfile(tx: Transaction, userId: string): Promise<Profile | null> {
  const [profile] = await readToldProfiles(tx, [userId]);
  return profile ?? null;
}
