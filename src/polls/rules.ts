import type { PollResults, PollStatus } from '../generated/prisma/enums.ts';

/** What a moderator does to a poll's status, from where, and where it leads. */
export const pollMoves = {
  open: { from: 'DRAFT', to: 'OPEN' },
  close: { from: 'OPEN', to: 'CLOSED' },
  archive: { from: 'CLOSED', to: 'ARCHIVED' },
} as const satisfies Record<string, { from: PollStatus; to: PollStatus }>;

/** Code points of a title and of a choice's text, choices of a poll, seconds it is open. Also CHECKs in the database. */
export const pollLimits = {
  title: 120,
  choices: { least: 2, most: 10 },
  choiceText: 80,
  seconds: { least: 15, most: 86_400 },
} as const;

/** Polls of an event that are open at a time, at most: each of them stands in every pulse. */
export const mostOpenPolls = 10;

/** The audience knows of a poll from its opening on, until it is archived. */
export const publicStatuses = ['OPEN', 'CLOSED'] as const satisfies readonly PollStatus[];

export const isPublic = (status: PollStatus): boolean => (publicStatuses as readonly PollStatus[]).includes(status);

interface TallyFacts {
  status: PollStatus;
  results: PollResults;
  /** The viewer is the host, a moderator or an admin. */
  moderates: boolean;
  hasVoted: boolean;
}

/** Whether somebody who sees the poll sees how many voted for what. Nobody sees who did. */
export function seesTally({ status, results, moderates, hasVoted }: TallyFacts): boolean {
  if (moderates || status !== 'OPEN') return true;
  return results === 'ALWAYS' || (results === 'AFTER_VOTE' && hasVoted);
}
