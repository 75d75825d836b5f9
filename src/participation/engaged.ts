import type { Work } from '../feed/unit-of-work.ts';
import type { RewardTrigger } from '../generated/prisma/enums.ts';

/** Something that a participant did. */
export interface Engaged {
  readonly userId: string;
  /** What it was. How long somebody watched is no deed of theirs: presence tells that. */
  readonly trigger: Exclude<RewardTrigger, 'MINUTES_WATCHED'>;
  /** The client's own name for it; null for all but CUSTOM. */
  readonly engagementType: string | null;
  /** What makes it the only one of its kind: of one trigger and subject the first time alone is told. */
  readonly subject: string;
}

/**
 * Told of what participants did in an event, in the transaction that writes it down: what comes of it is committed with it, or not at
 * all. Told once a transaction, behind every other lock but those of feeds.
 */
export type OnEngaged = (work: Work, eventId: string, engaged: readonly Engaged[]) => Promise<void>;
