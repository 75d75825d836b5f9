import { randomUUID } from 'node:crypto';
import { decodeGlobalId } from '../../src/global-id.ts';
import type { Actor } from '../actor.ts';
import type { MadePoll } from '../polls/poll.ts';
import { type AtLast, sendAtLast } from './at-last.ts';
import { select } from './sql.ts';

const document = 'mutation($input: VoteInput!) { done: vote(input: $input) { ... on Error { code } } }';

/** Votes as clients do. */
export function voteAtLast(
  voter: Actor,
  { urls, home, poll, choice }: { urls: readonly string[]; home: number; poll: MadePoll; choice: number },
): Promise<AtLast> {
  const input = { pollId: poll.id, choiceIds: [poll.choices[choice]], idempotencyKey: randomUUID() };
  return sendAtLast(voter, { urls, home, document, input });
}

export interface PollInDatabase {
  status: string;
  /** Votes for each choice, counted here from the ballots, in the poll's order. */
  votes: number[];
  ballots: number;
  voters: number;
  engagements: number;
  /** Payloads of the closing facts. */
  closings: { tally: { ballots: number; choices: { votes: number }[] } }[];
}

/** What the database has of a poll. */
export async function readPoll(databaseUrl: string, { id, choices }: MadePoll): Promise<PollInDatabase> {
  const [row] = await select<Omit<PollInDatabase, 'votes' | 'closings'> & { chosen: number[]; closings: unknown }>(
    databaseUrl,
    `SELECT p.status,
       (SELECT count(*)::int FROM "PollBallot" WHERE "pollId" = p.id) AS ballots,
       (SELECT count(DISTINCT "participantId")::int FROM "PollBallot" WHERE "pollId" = p.id) AS voters,
       (SELECT count(*)::int FROM "EngagementLog" WHERE "engagementType" = 'VOTE' AND "subjectId" = p.id) AS engagements,
       (SELECT array_agg(choice) FROM "PollBallot", unnest(choices) AS choice WHERE "pollId" = p.id) AS chosen,
       (SELECT COALESCE(json_agg(payload), '[]') FROM "FeedEntry" WHERE kind = 'PollClosed' AND "subjectId" = p.id) AS closings
     FROM "Poll" p WHERE p.id = $1`,
    [decodeGlobalId(id).id],
  );
  if (row === undefined) throw new Error('there is no such poll');
  const { chosen, closings, ...counts } = row;
  const votes = choices.map((_, place) => chosen?.filter((position) => position === place).length ?? 0);
  return { ...counts, votes, closings: closings as PollInDatabase['closings'] };
}
