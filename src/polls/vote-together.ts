import type { Transaction } from '../db/client.ts';
import { InvalidInputError, NotFoundError } from '../errors.ts';
import { maySee, moderates, type Standing, standingsIn } from '../events/access.ts';
import type { Batch } from '../feed/batch.ts';
import type { Verdict } from '../feed/group-commit.ts';
import type { Claim } from '../feed/idempotency.ts';
import { answerRepeated } from '../feed/repeated.ts';
import type { Work } from '../feed/unit-of-work.ts';
import type { PollStatus } from '../generated/prisma/enums.ts';
import type { Engaged, OnEngaged } from '../participation/engaged.ts';
import { placeOf, takingPartRefused } from '../participation/taking-part.ts';
import { castBallots } from './ballots.ts';
import type { OnTallied } from './closing.ts';
import { AlreadyVotedError, PollStatusError } from './errors.ts';
import { isPublic } from './rules.ts';
import type { Vote, Voting } from './voting.ts';

/** Who is told of votes. */
export interface VotingTold {
  readonly onTallied: OnTallied;
  readonly onEngaged: OnEngaged;
}

/** Judges a batch of votes in one poll, and casts what is taken. */
export async function voteTogether(
  work: Work,
  pollId: string,
  { batch, onTallied, onEngaged }: VotingTold & { batch: Batch<Voting> },
): Promise<Verdict<string>[]> {
  const { tx, afterCommit } = work;
  const giveBack = await answerRepeated(tx, batch, claimOf);
  const poll = batch.open.length === 0 ? null : await holdPoll(tx, pollId);
  if (poll === null) for (const voting of batch.open) batch.refuse(voting, new NotFoundError('Poll'));
  else {
    const votes = await judge(tx, poll, batch);
    const { refused, first } = await castInTurns(tx, poll, votes);
    for (const { voting } of refused) batch.refuse(voting, new AlreadyVotedError());
    await onEngaged(work, poll.eventId, first.map(voted));
    if (batch.open.length > 0) afterCommit(() => onTallied(poll.eventId));
  }
  await giveBack();
  for (const voting of batch.open) batch.answer(voting, pollId);
  return batch.verdicts();
}

const voted = ({ voting, participantId }: Vote): Engaged => ({
  userId: voting.viewer.id,
  trigger: 'VOTE',
  engagementType: null,
  subject: `${voting.pollId}:${participantId}`,
});

function claimOf({ viewer, pollId, choiceIds, key }: Voting): Claim | null {
  if (key === null) return null;
  return { userId: viewer.id, key, operation: 'vote', input: { pollId, choiceIds }, result: pollId };
}

/** A poll as voting finds it. */
export interface HeldPoll {
  readonly id: string;
  readonly eventId: string;
  /** CLOSED as soon as its time is over, whether anybody has closed it by then or not. */
  readonly status: PollStatus;
  readonly maxChoices: number;
  readonly changeable: boolean;
  /** In the order of their positions. */
  readonly choiceIds: readonly string[];
}

/**
 * The event and then the poll, held until the transaction ends: a closing waits until the ballots are there for it to count, or
 * precedes them, and so does a ban. Not FOR SHARE: where many instances vote all the time there would always be somebody who shares
 * it, and the closing would wait for ever.
 */
async function holdPoll(tx: Transaction, pollId: string): Promise<HeldPoll | null> {
  await tx.$queryRaw`
    SELECT 1 FROM "VideoEvent" WHERE id = (SELECT "eventId" FROM "Poll" WHERE id = ${pollId}::uuid) FOR NO KEY UPDATE`;
  const [held] = await tx.$queryRaw<Omit<HeldPoll, 'choiceIds'>[]>`
    SELECT id, "eventId", "maxChoices", changeable,
      CASE WHEN status = 'OPEN' AND "closesAt" <= clock_timestamp() THEN 'CLOSED' ELSE status::text END AS status
    FROM "Poll" WHERE id = ${pollId}::uuid FOR NO KEY UPDATE`;
  if (held === undefined) return null;
  const choices = await tx.pollChoice.findMany({
    where: { pollId },
    orderBy: { position: 'asc' },
    select: { id: true },
  });
  return { ...held, choiceIds: choices.map(({ id }) => id) };
}

/** Who may not vote, or not so, drops out. */
async function judge(tx: Transaction, poll: HeldPoll, batch: Batch<Voting>): Promise<Vote[]> {
  const viewers = new Map(batch.open.map(({ viewer }) => [viewer.id, viewer]));
  const standings = await standingsIn(tx, [...viewers.values()], poll.eventId);
  const standingOf = new Map(standings.map((standing) => [standing.viewerId, standing]));
  const votes: Vote[] = [];
  for (const voting of batch.open) {
    const standing = standingOf.get(voting.viewer.id);
    const refusal = votingRefused(poll, standing, voting);
    if (standing === undefined || refusal !== null) batch.refuse(voting, refusal ?? new NotFoundError('Poll'));
    else {
      const choices = voting.choiceIds.map((id) => poll.choiceIds.indexOf(id)).sort((a, b) => a - b);
      votes.push({ voting, participantId: await placeOf(tx, standing), choices });
    }
  }
  return votes;
}

function votingRefused(poll: HeldPoll, standing: Standing | undefined, { choiceIds }: Voting): Error | null {
  if (standing === undefined || !maySee(standing)) return new NotFoundError('Poll');
  if (!isPublic(poll.status) && !moderates(standing)) return new NotFoundError('Poll');
  // A poll is open only where the event is: it closes with it.
  const refusal = takingPartRefused(standing, () => true);
  if (refusal !== null) return refusal;
  if (poll.status !== 'OPEN') return new PollStatusError(poll.status);
  if (choiceIds.some((id) => !poll.choiceIds.includes(id))) return new NotFoundError('Choice');
  if (choiceIds.length <= poll.maxChoices) return null;
  return new InvalidInputError([{ path: 'choiceIds', message: `must name at most ${poll.maxChoices} choices` }]);
}

/** Of several votes of one participant one comes after the other. Those are refused that find a ballot; others are their participants' first. */
async function castInTurns(
  tx: Transaction,
  poll: HeldPoll,
  votes: readonly Vote[],
): Promise<{ refused: Vote[]; first: Vote[] }> {
  const refused: Vote[] = [];
  const first: Vote[] = [];
  for (let waiting = [...votes]; waiting.length > 0; ) {
    const turn = new Map(waiting.toReversed().map((vote) => [vote.participantId, vote]));
    const taken = await castBallots(tx, poll, [...turn.values()]);
    refused.push(...[...turn.values()].filter(({ participantId }) => !taken.has(participantId)));
    first.push(...[...turn.values()].filter(({ participantId }) => taken.get(participantId)?.isFirst));
    waiting = waiting.filter((vote) => turn.get(vote.participantId) !== vote);
  }
  return { refused, first };
}
