import type { Profile } from '../accounts/profile.ts';
import { fact } from '../feed/entry.ts';
import type { SanctionKind } from '../generated/prisma/enums.ts';

/** `actor` is the moderator. */
export const moderatorAppointed = fact<{ actor: Profile }>()('ModeratorAppointed');
export const moderatorDismissed = fact<{ actor: Profile }>()('ModeratorDismissed');

/**
 * In the event's feed, for moderators, and in the user's own. `actor` is the user; who imposed it stands in the moderation log.
 * `until` is in ms since 1970; null: until it is lifted.
 */
export const sanctionImposed = fact<{
  eventId: string;
  actor: Profile;
  kind: SanctionKind;
  reason: string;
  until: number | null;
}>()('SanctionImposed');
export const sanctionLifted = fact<{ eventId: string; actor: Profile }>()('SanctionLifted');
