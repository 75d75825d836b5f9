import type { Viewer } from '../auth/viewer.ts';

/** A vote on its way in. */
export interface Voting {
  readonly viewer: Viewer;
  readonly pollId: string;
  readonly choiceIds: readonly string[];
  /** The idempotency key; null: none. */
  readonly key: string | null;
}

/** A vote that may be taken: the place it is cast from, and what was chosen. */
export interface Vote {
  readonly voting: Voting;
  readonly participantId: string;
  /** Positions of the choices. */
  readonly choices: readonly number[];
}
