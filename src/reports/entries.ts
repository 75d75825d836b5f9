import type { Profile } from '../accounts/profile.ts';
import { fact } from '../feed/entry.ts';
import type { ReportResolution } from '../generated/prisma/enums.ts';

/** Both are for moderators. `actor` is who reported; what the message says was told when it was sent. */
export const messageReported = fact<{
  readonly messageId: string;
  readonly actor: Profile;
  readonly reason: string;
  /** How many participants have reported it by now. */
  readonly reportCount: number;
}>()('MessageReported');

/** `actor` is the moderator. */
export const reportsResolved = fact<{
  readonly messageId: string;
  readonly actor: Profile;
  readonly resolution: ReportResolution;
  /** The moderator's words; may be empty. */
  readonly reason: string;
}>()('ReportsResolved');
