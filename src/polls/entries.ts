import { fact } from '../feed/entry.ts';
import type { PollResults, PollStatus } from '../generated/prisma/enums.ts';

/** A poll as facts carry it. Instants are RFC 3339. */
export type PollSnapshot = {
  readonly pollId: string;
  readonly title: string;
  readonly status: PollStatus;
  /** In the order in which they are shown. */
  readonly choices: readonly { readonly choiceId: string; readonly text: string }[];
  readonly maxChoices: number;
  readonly changeable: boolean;
  readonly results: PollResults;
  readonly openedAt: string | null;
  readonly closesAt: string | null;
  readonly closedAt: string | null;
};

/** How many chose what. A ballot with several choices counts for each of them. */
export type PollTally = {
  readonly pollId: string;
  /** Participants who voted. */
  readonly ballots: number;
  readonly choices: readonly { readonly choiceId: string; readonly votes: number }[];
};

export const pollOpened = fact<{ poll: PollSnapshot }>()('PollOpened');

/** The tally is the final one: it was counted when no more ballots were taken. */
export const pollClosed = fact<{ poll: PollSnapshot; tally: PollTally }>()('PollClosed');

/** The audience is to forget it. */
export const pollArchived = fact<{ pollId: string }>()('PollArchived');
