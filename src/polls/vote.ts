import type { Viewer } from '../auth/viewer.ts';
import { Batch } from '../feed/batch.ts';
import { createGroupCommit } from '../feed/group-commit.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { parseInput } from '../input.ts';
import { type NewVote, newVote } from './input.ts';
import { type VotingTold, voteTogether } from './vote-together.ts';
import type { Voting } from './voting.ts';

/**
 * Casts the viewer's ballot, or changes it where the poll allows: the ballot and its engagement in one transaction, together with
 * the votes that arrive in the same poll meanwhile. Resolves when they are committed. Throws NotFoundError (also for a choice that is
 * none of the poll's), PollStatusError, NotParticipantError, SanctionedError, AlreadyVotedError, InvalidInputError,
 * IdempotencyConflictError; UnavailableError when too many wait.
 */
export function createVote({ write, ...told }: VotingTold & { write: Write }) {
  const submit = createGroupCommit<Voting, string>({
    commit: (pollId, votings) => write((work) => voteTogether(work, pollId, { batch: new Batch(votings), ...told })),
  });
  return async (viewer: Viewer, input: NewVote): Promise<{ pollId: string }> => {
    const { pollId, choiceIds, idempotencyKey: key } = parseInput(newVote, input);
    return { pollId: await submit(pollId, { viewer, pollId, choiceIds, key }) };
  };
}
