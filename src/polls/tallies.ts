import type { Db, Transaction } from '../db/client.ts';
import { createGroupCommit } from '../feed/group-commit.ts';
import type { PollTally } from './entries.ts';

interface TallyRow {
  pollId: string;
  choiceId: string;
  votes: number;
  ballots: number;
}

/** Counts the ballots of these polls, in one statement: a poll's numbers are of one moment. Equal ballots are counted together first. */
export async function readTallies(
  db: Db | Transaction,
  pollIds: readonly string[],
): Promise<ReadonlyMap<string, PollTally>> {
  if (pollIds.length === 0) return new Map();
  const rows = await db.$queryRaw<TallyRow[]>`
    WITH alike AS (
      SELECT "pollId", choices, count(*) AS ballots FROM "PollBallot"
      WHERE "pollId" = ANY(${[...pollIds]}::uuid[]) GROUP BY "pollId", choices)
    SELECT c."pollId", c.id AS "choiceId", COALESCE(sum(alike.ballots), 0)::int AS ballots,
      COALESCE(sum(alike.ballots) FILTER (WHERE c.position = ANY(alike.choices)), 0)::int AS votes
    FROM "PollChoice" c LEFT JOIN alike ON alike."pollId" = c."pollId"
    WHERE c."pollId" = ANY(${[...pollIds]}::uuid[])
    GROUP BY c."pollId", c.position, c.id ORDER BY c."pollId", c.position`;
  const tallies = new Map<string, PollTally>();
  for (const { pollId, choiceId, votes, ballots } of rows) {
    const choices = [...(tallies.get(pollId)?.choices ?? []), { choiceId, votes }];
    tallies.set(pollId, { pollId, ballots, choices });
  }
  return tallies;
}

/** The tallies that everybody may follow, by event: of open polls that show their results always, in the order of their opening. */
export async function readOpenPollTallies(
  db: Db,
  eventIds: readonly string[],
): Promise<ReadonlyMap<string, readonly PollTally[]>> {
  const polls = await db.poll.findMany({
    where: { eventId: { in: [...eventIds] }, status: 'OPEN', results: 'ALWAYS' },
    orderBy: [{ openedAt: 'asc' }, { id: 'asc' }],
    select: { id: true, eventId: true },
  });
  const tallies = await readTallies(
    db,
    polls.map(({ id }) => id),
  );
  const told = new Map<string, PollTally[]>();
  for (const { id, eventId } of polls) {
    const tally = tallies.get(id);
    if (tally !== undefined) told.set(eventId, [...(told.get(eventId) ?? []), tally]);
  }
  return told;
}

/** Reads one poll's tally by a count that begins after it was asked for: many who ask at once, as all who voted just now, share a few. */
export function createTallyReader(db: Db): (pollId: string) => Promise<PollTally> {
  const read = createGroupCommit<string, PollTally>({
    async commit(_all, pollIds) {
      const tallies = await readTallies(db, [...new Set(pollIds)]);
      return pollIds.map((pollId) => ({ value: tallies.get(pollId) ?? { pollId, ballots: 0, choices: [] } }));
    },
    largest: 256,
    // Each belongs to an operation that was let in: those have their bounds.
    waiting: Number.POSITIVE_INFINITY,
  });
  return (pollId) => read('', pollId);
}
