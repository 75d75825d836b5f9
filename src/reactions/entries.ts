import { fact } from '../feed/entry.ts';

/** How often an event was reacted to with an emoji. */
export type ReactionCount = {
  readonly emoji: string;
  /** Since the entry before. */
  readonly count: number;
  /** Since the event went live. */
  readonly total: number;
};

/** One a second while there are reactions: what a replay shows. Only emoji with something new are told. */
export const reactionsCounted = fact<{ readonly tallies: ReactionCount[] }>()('ReactionsCounted');
