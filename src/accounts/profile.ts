/** What everybody may know of a user. Part of facts, so it is the same for every viewer. */
export type Profile = {
  readonly userId: string;
  readonly username: string;
  readonly displayName: string;
  /** An https URL. */
  readonly avatarUrl: string | null;
};

/** The columns a profile is made of. */
export const profileColumns = {
  id: true,
  username: true,
  displayName: true,
  avatarUrl: true,
  deletedAt: true,
} as const;

interface ProfileRow {
  id: string;
  username: string;
  displayName: string;
  avatarUrl: string | null;
  deletedAt: Date | null;
}

/** What stays of a deleted account. */
export const deletedProfile = (userId: string): Profile => ({
  userId,
  username: 'deleted',
  displayName: 'deleted user',
  avatarUrl: null,
});

export function profileOf({ id, username, displayName, avatarUrl, deletedAt }: ProfileRow): Profile {
  return deletedAt === null ? { userId: id, username, displayName, avatarUrl } : deletedProfile(id);
}
