import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { NotFoundError } from '../errors.ts';
import { moderatedBy } from '../events/access.ts';
import type { EventHook } from '../events/lifecycle.ts';
import type { Write } from '../feed/unit-of-work.ts';
import type { Poll, Prisma } from '../generated/prisma/client.ts';
import type { PollResults, PollStatus } from '../generated/prisma/enums.ts';
import type { Duty } from '../jobs/task.ts';
import type { OnEngaged } from '../participation/engaged.ts';
import { visiblePolls } from './access.ts';
import { closePolls, closePollsOf, type OnTallied, timedClosing } from './closing.ts';
import { createDrafts, type Drafts } from './drafts.ts';
import type { PollTally } from './entries.ts';
import type { NewVote } from './input.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { seesTally } from './rules.ts';
import { createTallyReader } from './tallies.ts';
import { createVote } from './vote.ts';

export interface PollsDeps {
  write: Write;
  db: Db;
  onTallied: OnTallied;
  onEngaged: OnEngaged;
}

/** Questions to the audience. Ballots are secret: what somebody chose is told to nobody but them. */
export interface Polls extends Drafts, Lifecycle {
  vote(viewer: Viewer, input: NewVote): Promise<{ pollId: string }>;
  visible: typeof visiblePolls;
  /** The poll, if the viewer may know of it. Throws NotFoundError. */
  get(viewer: Viewer | null, pollId: string, query: PollQuery): Promise<Poll>;
  /** How the votes stand; null where the viewer may not see that yet. The caller has the poll from a read that the viewer was allowed. */
  tally(viewer: Viewer | null, poll: TallySubject): Promise<PollTally | null>;
  /** Closes polls whose time is over. */
  readonly duty: Duty;
  /** Closes an event's polls when it is over. */
  readonly onOver: EventHook;
}

/** What of a poll's row and relations to load. */
export type PollQuery = Pick<Prisma.PollFindFirstArgs, 'select' | 'include'>;

interface TallySubject {
  id: string;
  eventId: string;
  status: PollStatus;
  results: PollResults;
}

export function createPolls({ write, db, onTallied, onEngaged }: PollsDeps): Polls {
  const readTally = createTallyReader(db);

  /** Asks for what the rule depends on only where it does. */
  async function maySeeTally(viewer: Viewer | null, { id, eventId, ...poll }: TallySubject): Promise<boolean> {
    if (seesTally({ ...poll, moderates: false, hasVoted: false })) return true;
    if (viewer === null) return false;
    const [kept, cast] = await Promise.all([
      db.videoEvent.count({ where: { id: eventId, AND: [moderatedBy(viewer)] } }),
      db.pollBallot.count({ where: { pollId: id, participant: { userId: viewer.id } } }),
    ]);
    return seesTally({ ...poll, moderates: kept > 0, hasVoted: cast > 0 });
  }

  return {
    ...createDrafts({ write }),
    ...createLifecycle({ write, onTallied }),
    vote: createVote({ write, onTallied, onEngaged }),
    visible: visiblePolls,
    async get(viewer, pollId, query) {
      const poll = await db.poll.findFirst({ ...query, where: { AND: [{ id: pollId }, visiblePolls(viewer)] } });
      if (poll === null) throw new NotFoundError('Poll');
      return poll;
    },
    tally: async (viewer, poll) => ((await maySeeTally(viewer, poll)) ? readTally(poll.id) : null),
    duty: timedClosing.doneBy((work, { pollId }) => closePolls(work, [pollId], onTallied)),
    onOver: (work, eventId) => closePollsOf(work, eventId, onTallied),
  };
}
