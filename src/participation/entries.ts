import type { Profile } from '../accounts/profile.ts';
import { fact } from '../feed/entry.ts';

/** Who takes part is for the host and moderators to know: both facts go to moderators. */
export const participantJoined = fact<{ participantId: string; actor: Profile; firstTime: boolean }>()(
  'ParticipantJoined',
);
export const participantLeft = fact<{ participantId: string; actor: Profile }>()('ParticipantLeft');
