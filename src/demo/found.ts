import type { Db } from '../db/client.ts';
import { listedFor } from '../events/access.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { encodeGlobalId } from '../global-id.ts';
import { visiblePolls } from '../polls/access.ts';
import { visibleQuestions } from '../questions/access.ts';

/** What GraphiQL's tabs are about, as global ids. Null: there is none now. */
export interface Found {
  /** Events that everybody finds: on air, the next one with a seat, one that is full, and the last that ended. */
  readonly live: string | null;
  readonly next: string | null;
  readonly full: string | null;
  readonly over: string | null;
  /** In the live one: an open poll, and the choice that is shown last. */
  readonly poll: string | null;
  readonly choice: string | null;
  /** The question that most want answered. */
  readonly question: string | null;
  /** The message that waits for a moderator, and its author. */
  readonly message: string | null;
  readonly author: string | null;
  /** The cheapest perk of the live event's host. */
  readonly perk: string | null;
  /** Its latest open prediction, and what is shown first of what may happen. */
  readonly prediction: string | null;
  readonly outcome: string | null;
}

export const nothing: Found = {
  live: null,
  next: null,
  full: null,
  over: null,
  poll: null,
  choice: null,
  question: null,
  message: null,
  author: null,
  perk: null,
  prediction: null,
  outcome: null,
};

/** Looks for it as it is now. The queue of reports is not for guests: there is no such page in production. */
export async function find(db: Db): Promise<Found> {
  const { capacity } = db.videoEvent.fields;
  const [live, next, full, over] = await Promise.all([
    db.videoEvent.findFirst({ where: listed({ status: 'LIVE' }), orderBy: { scheduledAt: 'desc' }, select: inside }),
    one(db, { where: listed({ status: 'SCHEDULED', capacity: null }), orderBy: { scheduledAt: 'asc' } }),
    one(db, {
      where: listed({ status: 'SCHEDULED', seatsTaken: { gte: capacity } }),
      orderBy: { scheduledAt: 'asc' },
    }),
    one(db, { where: listed({ status: 'ENDED' }), orderBy: { scheduledAt: 'desc' } }),
  ]);
  const poll = live?.polls[0];
  const prediction = live?.predictions[0];
  const reported = live?.reportedMessages[0];
  return {
    live: globalId('VideoEvent', live),
    next: globalId('VideoEvent', next),
    full: globalId('VideoEvent', full),
    over: globalId('VideoEvent', over),
    poll: globalId('Poll', poll),
    choice: globalId('PollChoice', poll?.choices[0]),
    question: globalId('Question', live?.questions[0]),
    message: globalId('Message', reported?.message),
    author: globalId('User', reported?.message.author),
    perk: globalId('Perk', live?.host.perks[0]),
    prediction: globalId('Prediction', prediction),
    outcome: globalId('PredictionOutcome', prediction?.outcomes[0]),
  };
}

const inside = {
  id: true,
  polls: {
    where: { AND: [visiblePolls(null), { status: 'OPEN' }] },
    orderBy: { createdAt: 'desc' },
    take: 1,
    select: { id: true, choices: { orderBy: { position: 'desc' }, take: 1, select: { id: true } } },
  },
  questions: {
    where: { AND: [visibleQuestions(null), { status: 'APPROVED' }] },
    orderBy: { votes: 'desc' },
    take: 1,
    select: { id: true },
  },
  predictions: {
    where: { status: 'OPEN' },
    orderBy: { createdAt: 'desc' },
    take: 1,
    select: { id: true, outcomes: { orderBy: { position: 'asc' }, take: 1, select: { id: true } } },
  },
  reportedMessages: {
    where: { status: 'OPEN' },
    orderBy: { firstReportedAt: 'asc' },
    take: 1,
    select: { message: { select: { id: true, author: { select: { id: true } } } } },
  },
  host: {
    select: { perks: { where: { archivedAt: null }, orderBy: { cost: 'asc' }, take: 1, select: { id: true } } },
  },
} as const satisfies Prisma.VideoEventSelect;

const listed = (where: Prisma.VideoEventWhereInput): Prisma.VideoEventWhereInput => ({ AND: [listedFor(null), where] });

const one = (db: Db, query: Pick<Prisma.VideoEventFindFirstArgs, 'where' | 'orderBy'>) =>
  db.videoEvent.findFirst({ ...query, select: { id: true } });

const globalId = (typename: string, row: { id: string } | null | undefined): string | null =>
  row == null ? null : encodeGlobalId(typename, row.id);

/** A document for GraphiQL, to be run as it stands. Begins with a comment, in lines that GraphiQL shows without scrolling. */
export type Tab = (found: Found) => string;

/** What was found, as it stands in a document. Without it the API says that there is no such thing. */
export const quoted = (id: string | null): string => JSON.stringify(id ?? 'an id from the tab Events');
