import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { NotFoundError, UnauthenticatedError } from '../errors.ts';
import { encodeCursor } from '../feed/cursor.ts';
import { feeds } from '../feed/entry.ts';
import { readTop, readTops } from '../feed/log.ts';
import type { Prisma, VideoEvent } from '../generated/prisma/client.ts';
import { parseInput } from '../input.ts';
import { keptBy, listedFor, visibleTo } from './access.ts';
import { type EventFilter, eventFilter } from './input.ts';

/** What of an event's row and relations to load. */
export type EventQuery = Pick<Prisma.VideoEventFindFirstArgs, 'select' | 'include'>;
/** The same, and which part of the list. */
export type EventPageQuery = EventQuery & Pick<Prisma.VideoEventFindManyArgs, 'cursor' | 'take' | 'skip'>;

export interface EventWithCursor {
  event: VideoEvent;
  /** The event's feed, read no later than the event: follow it from here and nothing is missed. */
  feedCursor: string;
}

export interface Reading {
  /** Names the event for Prisma, as long as the viewer may see it. */
  visible(viewer: Viewer | null, eventId: string): Prisma.VideoEventWhereUniqueInput;
  /** The event. Throws NotFoundError where there is none that the viewer may see. */
  get(viewer: Viewer | null, eventId: string, query: EventQuery): Promise<VideoEvent>;
  /** The same, and where its feed stands, which takes another statement. */
  getWithCursor(viewer: Viewer | null, eventId: string, query: EventQuery): Promise<EventWithCursor>;
  /** Events as lists show them. Throws InvalidInputError, and UnauthenticatedError for a guest's own. */
  list(
    viewer: Viewer | null,
    request: { filter: EventFilter; newestFirst: boolean; query: EventPageQuery },
  ): Promise<VideoEvent[]>;
  /** How many `list` would give without a page's bounds. */
  count(viewer: Viewer | null, filter: EventFilter): Promise<number>;
  /** Where the schedule's feed stands. */
  scheduleCursor(): Promise<string>;
}

export function createReading({ db }: { db: Db }): Reading {
  async function get(viewer: Viewer | null, eventId: string, query: EventQuery): Promise<VideoEvent> {
    const event = await db.videoEvent.findFirst({ ...query, where: { AND: [{ id: eventId }, visibleTo(viewer)] } });
    if (event === null) throw new NotFoundError('Event');
    return event;
  }

  async function getWithCursor(viewer: Viewer | null, eventId: string, query: EventQuery): Promise<EventWithCursor> {
    const [top] = await readTops(db, [feeds.event(eventId)]);
    const event = await get(viewer, eventId, query);
    if (top !== undefined) return { event, feedCursor: encodeCursor(top) };
    // The event came without its feed (an import). It gets one, and is read again: the cursor must not be younger.
    await readTop(db, feeds.event(eventId));
    return getWithCursor(viewer, eventId, query);
  }

  return {
    visible: (viewer, id) => ({ id, AND: [visibleTo(viewer)] }),
    get,
    getWithCursor,
    list(viewer, { filter, newestFirst, query }) {
      const order = newestFirst ? 'desc' : 'asc';
      const orderBy = [{ scheduledAt: order }, { id: order }] as const;
      return db.videoEvent.findMany({ ...query, where: matching(viewer, filter), orderBy: [...orderBy] });
    },
    count: (viewer, filter) => db.videoEvent.count({ where: matching(viewer, filter) }),
    scheduleCursor: async () => encodeCursor(await readTop(db, feeds.schedule)),
  };
}

function matching(viewer: Viewer | null, input: EventFilter): Prisma.VideoEventWhereInput {
  const { statuses, from, to, hostId, text, mine } = parseInput(eventFilter, input);
  const conditions: Prisma.VideoEventWhereInput[] = [listedFor(viewer)];
  if (statuses) conditions.push({ status: { in: statuses } });
  if (from) conditions.push({ scheduledAt: { gte: from } });
  if (to) conditions.push({ scheduledAt: { lt: to } });
  if (hostId) conditions.push({ hostId });
  if (text) conditions.push(containing(text));
  if (mine === true) {
    if (viewer === null) throw new UnauthenticatedError();
    conditions.push(keptBy(viewer));
  }
  return { AND: conditions };
}

function containing(text: string): Prisma.VideoEventWhereInput {
  // Prisma leaves LIKE's own signs as they are.
  const contains = text.replace(/[\\%_]/g, '\\$&');
  return {
    OR: [{ title: { contains, mode: 'insensitive' } }, { description: { contains, mode: 'insensitive' } }],
  };
}
