import type { Viewer } from '../auth/viewer.ts';
import type { Db, Transaction } from '../db/client.ts';
import { ForbiddenError, InvalidInputError } from '../errors.ts';
import { feeds } from '../feed/entry.ts';
import type { Hub } from '../feed/hub.ts';
import { idempotencyKey, once } from '../feed/idempotency.ts';
import { readTop } from '../feed/log.ts';
import type { FeedItem } from '../feed/subscriber.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { parseInput } from '../input.ts';
import { offerSeats } from '../waitlist/offers.ts';
import { change } from './change.ts';
import { videoEventDeleted, videoEventWithdrawn } from './entries.ts';
import { IllegalTransitionError } from './errors.ts';
import { createFollowing, type FollowEvent } from './following.ts';
import type { Guard } from './guard.ts';
import { type EventChanges, eventChanges, type NewEvent, newEvent } from './input.ts';
import { createInvites, type Invites } from './invites.ts';
import { call, createMoveEvent, type EventHooks, type MoveEvent } from './lifecycle.ts';
import { lockOwn } from './lock.ts';
import { createReading, type Reading } from './reading.ts';
import { createReplay, type ReplayEvent } from './replay.ts';
import { changeIssues, isClosed } from './rules.ts';

/**
 * Live shows: planned, changed, put on air and read. Writes throw NotFoundError where the viewer may not know of the event, and
 * ForbiddenError where they neither host it nor are an admin.
 */
export interface Events extends Invites, Reading {
  /** Plans a show as a DRAFT. For hosts and admins. Throws ForbiddenError, InvalidInputError, IdempotencyConflictError. */
  create(viewer: Viewer, input: NewEvent & { idempotencyKey?: string | null }): Promise<{ eventId: string }>;
  /** Changes what is given. Throws IllegalTransitionError once the show is over or cancelled, InvalidInputError. */
  update(viewer: Viewer, input: EventChanges & { eventId: string }): Promise<{ eventId: string }>;
  move: MoveEvent;
  /** Removes a draft, or a cancelled event nobody ever joined. Throws IllegalTransitionError for any other. */
  delete(viewer: Viewer, eventId: string): Promise<{ eventId: string }>;
  follow: FollowEvent;
  replay: ReplayEvent;
  /** For what else is followed of an event. */
  guard: Guard;
  /** Public events: announced, changed, live, ended, withdrawn. For everybody. */
  followSchedule(request: {
    after?: string | null;
    kinds?: ReadonlySet<string> | null;
  }): Promise<AsyncIterableIterator<FeedItem, undefined>>;
}

export interface EventsDeps {
  db: Db;
  write: Write;
  hub: Hub;
  guard: Guard;
  hooks: EventHooks;
}

export function createEvents({ db, write, hub, guard, hooks }: EventsDeps): Events {
  return {
    ...createReading({ db }),
    ...createInvites({ write }),
    move: createMoveEvent({ write, hooks }),
    follow: createFollowing({ hub, guard }),
    replay: createReplay({ db }),
    guard,
    followSchedule: (request) => hub.follow(feeds.schedule, request),

    create(viewer, input) {
      if (viewer.role === 'PARTICIPANT') throw new ForbiddenError('Only hosts create events.');
      const { idempotencyKey: key, ...data } = parseInput(newEvent.and(idempotencyKey), input);
      return write(async ({ tx }) => {
        const request = { userId: viewer.id, key, operation: 'createVideoEvent', input: data };
        const eventId = await once(tx, request, () => plan(tx, { ...data, hostId: viewer.id }));
        return { eventId };
      });
    },

    update(viewer, { eventId, ...input }) {
      const changes = parseInput(eventChanges, input);
      return write(async (work) => {
        const { event } = await lockOwn(work.tx, viewer, eventId);
        if (isClosed(event.status)) throw new IllegalTransitionError(event.status);
        const before = await work.tx.videoEvent.findUniqueOrThrow({ where: { id: eventId } });
        const issues = changeIssues(before, changes);
        if (issues.length > 0) throw new InvalidInputError(issues);
        await change(work, before, changes);
        if (changes.capacity !== undefined) await offerSeats(work, eventId);
        const moved =
          changes.scheduledAt !== undefined && changes.scheduledAt.getTime() !== before.scheduledAt.getTime();
        if (moved && before.status === 'SCHEDULED') await call(hooks.onScheduled, work, eventId);
        return { eventId };
      });
    },

    delete(viewer, eventId) {
      return write(async (work) => {
        const { event } = await lockOwn(work.tx, viewer, eventId);
        const { count } = await work.tx.videoEvent.deleteMany({ where: { id: eventId, ...deletable } });
        if (count === 0)
          throw new IllegalTransitionError(
            event.status,
            'Only drafts and cancelled events without participants are deleted.',
          );
        await forget(work, eventId);
        // A draft was never announced, and one cancelled as a draft is private.
        if (event.status === 'CANCELLED' && event.visibility === 'PUBLIC') {
          work.append(feeds.schedule, videoEventWithdrawn.draft({ eventId }, { subjectId: eventId }));
        }
        return { eventId };
      });
    },
  };
}

const deletable: Prisma.VideoEventWhereInput = {
  OR: [{ status: 'DRAFT' }, { status: 'CANCELLED', participants: { none: {} } }],
};

type Plan = ReturnType<typeof newEvent.parse> & { hostId: string };

async function plan(tx: Transaction, data: Plan): Promise<string> {
  const { id } = await tx.videoEvent.create({ data, select: { id: true } });
  // From the first read on there is a cursor to give.
  await readTop(tx, feeds.event(id));
  return id;
}

/** The feed's past goes with the event. Its last entry stays: whoever follows it learns that it is gone, also by way of the log. */
async function forget({ tx, append }: Work, eventId: string): Promise<void> {
  await tx.feedEntry.deleteMany({ where: { feed: feeds.event(eventId) } });
  append(feeds.event(eventId), videoEventDeleted.draft({ eventId }, { subjectId: eventId }));
}
