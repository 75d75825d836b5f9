import type { Profile } from '../accounts/profile.ts';
import { fact } from '../feed/entry.ts';

/** `actor` is the moderator. */
export const moderatorAppointed = fact<{ actor: Profile }>()('ModeratorAppointed');
export const moderatorDismissed = fact<{ actor: Profile }>()('ModeratorDismissed');
