import type { Profile } from '../accounts/profile.ts';
import { fact } from '../feed/entry.ts';

/** What a perk was when somebody took it. */
export type Taken = { redemptionId: string; eventId: string; perkId: string; title: string; points: number };

/** In the event's feed, for moderators. `actor` is who took it; `note` is theirs. */
export const perkRedeemed = fact<Taken & { actor: Profile; note: string }>()('PerkRedeemed');

/** In the event's feed, for moderators, and in the user's own. */
export const redemptionFulfilled = fact<Taken>()('RedemptionFulfilled');
export const redemptionCancelled = fact<Taken>()('RedemptionCancelled');
