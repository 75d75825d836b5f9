import { z } from 'zod';
import { feeds } from '../feed/entry.ts';
import type { Work } from '../feed/unit-of-work.ts';
import { task } from '../jobs/task.ts';
import { pollClosed } from './entries.ts';
import { pollColumns, snapshotOf } from './poll.ts';
import { readTallies } from './tallies.ts';

/** Told of an event when the tallies of its open polls have changed, or which polls are open. Must not throw. */
export type OnTallied = (eventId: string) => void;

/** Closes a poll when its time is over: whichever instance comes first, whatever became of the one that opened it. */
export const timedClosing = task('poll.close', z.object({ pollId: z.uuid() }));

/**
 * Closes those of the polls that are open, each with the fact that has its final tally. Returns their ids. Whoever closes a poll
 * waits for the votes that hold it, and whoever votes later finds it closed: the tally counts every ballot there will be.
 */
export async function closePolls(
  { tx, append, afterCommit }: Work,
  pollIds: readonly string[],
  onTallied: OnTallied,
): Promise<string[]> {
  const closed = await tx.$queryRaw<{ id: string }[]>`
    UPDATE "Poll" SET status = 'CLOSED', "closedAt" = clock_timestamp(), "updatedAt" = clock_timestamp()
    WHERE id = ANY(${[...pollIds]}::uuid[]) AND status = 'OPEN' RETURNING id`;
  const ids = closed.map(({ id }) => id);
  const polls = await tx.poll.findMany({
    where: { id: { in: ids } },
    orderBy: { openedAt: 'asc' },
    select: pollColumns,
  });
  // Not before: the statement that closed them has waited for the last ballots, and only a later one sees these.
  const tallies = await readTallies(tx, ids);
  for (const poll of polls) {
    const tally = tallies.get(poll.id);
    if (tally === undefined) throw new Error('a poll has no choices');
    append(feeds.event(poll.eventId), pollClosed.draft({ poll: snapshotOf(poll), tally }, { subjectId: poll.id }));
  }
  for (const eventId of new Set(polls.map((poll) => poll.eventId))) afterCommit(() => onTallied(eventId));
  return ids;
}

/** Closes what is open of an event. The caller has its lock: nothing is opened meanwhile. */
export async function closePollsOf(work: Work, eventId: string, onTallied: OnTallied): Promise<void> {
  const open = await work.tx.poll.findMany({ where: { eventId, status: 'OPEN' }, select: { id: true } });
  await closePolls(
    work,
    open.map(({ id }) => id),
    onTallied,
  );
}
