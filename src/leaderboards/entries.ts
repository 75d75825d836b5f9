import { fact } from '../feed/entry.ts';

/** In the user's own feed. Ranks are null where they are not among the first that are told theirs. */
export const rankChanged = fact<{
  eventId: string;
  rank: number | null;
  previousRank: number | null;
  /** What they earned in the event. */
  score: number;
}>()('RankChanged');
