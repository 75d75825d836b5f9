import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { InvalidInputError } from '../errors.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { isOpen } from '../events/rules.ts';
import { feeds } from '../feed/entry.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import { recordAction } from '../moderation/audit.ts';
import { lockPoll } from './access.ts';
import { closePolls, type OnTallied, timedClosing } from './closing.ts';
import { pollArchived, pollOpened } from './entries.ts';
import { PollStatusError } from './errors.ts';
import { type PollRow, pollColumns, snapshotOf } from './poll.ts';
import { mostOpenPolls, pollMoves } from './rules.ts';

/** What moderators do with a poll. Throws NotFoundError, ForbiddenError, and PollStatusError where its status does not allow it. */
export interface Lifecycle {
  /**
   * The audience may vote, for as long as the poll says. Throws EventNotOpenError, and InvalidInputError when too many polls of the
   * event are open.
   */
  open(viewer: Viewer, pollId: string): Promise<{ pollId: string }>;
  /** No more votes; the tally is final, and everybody sees it. */
  close(viewer: Viewer, pollId: string): Promise<{ pollId: string }>;
  /** Takes a closed poll out of the audience's sight. */
  archive(viewer: Viewer, pollId: string): Promise<{ pollId: string }>;
}

export function createLifecycle({ write, onTallied }: { write: Write; onTallied: OnTallied }): Lifecycle {
  const moving =
    (move: (work: Work, poll: PollRow, viewer: Viewer) => Promise<unknown>) => (viewer: Viewer, pollId: string) =>
      write(async (work) => {
        const { poll } = await lockPoll(work.tx, viewer, pollId);
        await move(work, poll, viewer);
        return { pollId };
      });
  return {
    open: moving(async (work, poll, viewer) => {
      const { id: pollId, eventId } = poll;
      await mayOpen(work.tx, poll);
      const opened = await open(work.tx, pollId);
      if (opened.closesAt !== null) await timedClosing.schedule(work.tx, pollId, { at: opened.closesAt }, { pollId });
      await recordAction(work.tx, { eventId, actorId: viewer.id, kind: 'POLL_OPENED', pollId });
      work.append(feeds.event(eventId), pollOpened.draft({ poll: snapshotOf(opened) }, { subjectId: pollId }));
      work.afterCommit(() => onTallied(eventId));
    }),

    close: moving(async (work, { id: pollId, eventId }, viewer) => {
      const closed = await closePolls(work, [pollId], onTallied);
      if (closed.length === 0) throw new PollStatusError(await statusOf(work.tx, pollId));
      await recordAction(work.tx, { eventId, actorId: viewer.id, kind: 'POLL_CLOSED', pollId });
    }),

    archive: moving(async ({ tx, append }, { id: pollId, eventId }, viewer) => {
      const archived = await tx.$executeRaw`
        UPDATE "Poll" SET status = ${pollMoves.archive.to}::"PollStatus", "updatedAt" = clock_timestamp()
        WHERE id = ${pollId}::uuid AND status::text = ${pollMoves.archive.from}`;
      if (archived === 0) throw new PollStatusError(await statusOf(tx, pollId));
      await recordAction(tx, { eventId, actorId: viewer.id, kind: 'POLL_ARCHIVED', pollId });
      append(feeds.event(eventId), pollArchived.draft({ pollId }, { subjectId: pollId }));
    }),
  };
}

/** The event's lock is held: neither its status changes now, nor how many of its polls open. */
async function mayOpen(tx: Transaction, { eventId, status }: PollRow): Promise<void> {
  if (status !== pollMoves.open.from) throw new PollStatusError(status);
  const event = await tx.videoEvent.findUniqueOrThrow({ where: { id: eventId }, select: { status: true } });
  if (!isOpen(event.status)) throw new EventNotOpenError(event.status);
  if ((await tx.poll.count({ where: { eventId, status: 'OPEN' } })) < mostOpenPolls) return;
  throw new InvalidInputError([
    { path: 'pollId', message: `${mostOpenPolls} polls of the event are open: close one of them first` },
  ]);
}

async function open(tx: Transaction, pollId: string): Promise<PollRow> {
  const opened = await tx.$executeRaw`
    UPDATE "Poll" SET status = ${pollMoves.open.to}::"PollStatus", "openedAt" = statement_timestamp(),
      "closesAt" = statement_timestamp() + make_interval(secs => "durationSeconds"), "updatedAt" = statement_timestamp()
    WHERE id = ${pollId}::uuid AND status::text = ${pollMoves.open.from}`;
  if (opened === 0) throw new PollStatusError(await statusOf(tx, pollId));
  return tx.poll.findUniqueOrThrow({ where: { id: pollId }, select: pollColumns });
}

async function statusOf(tx: Transaction, pollId: string) {
  return (await tx.poll.findUniqueOrThrow({ where: { id: pollId }, select: { status: true } })).status;
}
