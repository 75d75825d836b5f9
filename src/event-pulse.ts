import type { GoalProgress } from './goals/entries.ts';
import type { PollTally } from './polls/entries.ts';
import type { PredictionTotals } from './predictions/entries.ts';
import type { PulseItem } from './pulse/follower.ts';
import type { Pulse } from './pulse/part.ts';
import type { ReactionTally } from './reactions/tallies.ts';

/** What the pulse tells of an event, the same to everybody. */
export interface EventPulseValues {
  /** Participants who are present. */
  readonly viewerCount: number;
  /** Of open polls that show their results always, in the order of their opening. */
  readonly polls: readonly PollTally[];
  /** Of open predictions, in the order of their opening. */
  readonly predictions: readonly PredictionTotals[];
  /** With open goals, in the order of their setting. */
  readonly goals: readonly GoalProgress[];
  /** How often it was reacted to with each emoji, in all. */
  readonly reactions: readonly ReactionTally[];
}

export type EventPulse = Pulse<EventPulseValues>;
export type EventPulseItem = PulseItem<EventPulseValues>;
