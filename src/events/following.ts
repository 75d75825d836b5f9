import { z } from 'zod';
import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { NotFoundError } from '../errors.ts';
import { type Audience, type Entry, feeds } from '../feed/entry.ts';
import { createGroupCommit } from '../feed/group-commit.ts';
import type { Hub } from '../feed/hub.ts';
import type { Subscriber } from '../feed/subscriber.ts';
import type { Log } from '../log.ts';
import { moderatorAppointed, moderatorDismissed, sanctionImposed } from '../moderation/entries.ts';
import { participantLeft } from '../participation/entries.ts';
import { audiencesOf, followingRefused, maySee, type Standing, standingsIn } from './access.ts';
import { userUninvited, videoEventCancelled, videoEventDeleted, videoEventUpdated } from './entries.ts';

export interface FollowRequest {
  eventId: string;
  /** Continue after this cursor. Null: from now. */
  after?: string | null;
  /** Only these kinds of facts. Null: all. */
  kinds?: ReadonlySet<string> | null;
}

/**
 * The event's feed, as far as the viewer may read it. What they may read is looked at anew when a fact passes that may change it: a
 * new moderator sees more from then on, and for whoever may no longer see the event the last item is an `end`.
 * Throws NotFoundError when the viewer may not see the event, and SanctionedError when they are banned in it.
 */
export type FollowEvent = (viewer: Viewer | null, request: FollowRequest) => Promise<Subscriber>;

/** A subscription in use and whose it is. */
interface Follower {
  readonly viewer: Viewer | null;
  readonly subscriber: Subscriber;
  /** A verdict younger than the subscription's first was given. */
  judged: boolean;
}

/** An event that somebody follows on this instance. */
interface Watched {
  readonly eventId: string;
  readonly followers: Set<Follower>;
  /** Hears every fact that may change somebody's access, whatever its audience. */
  readonly watcher: Promise<Subscriber>;
  /** Whose access is to be read again. */
  readonly doubtful: Set<Follower>;
  reading: boolean;
  retry: NodeJS.Timeout | null;
}

const aboutOne = [userUninvited, moderatorAppointed, moderatorDismissed, participantLeft, sanctionImposed];
const aboutAll = [videoEventUpdated, videoEventCancelled, videoEventDeleted];
const accessKinds: ReadonlySet<string> = new Set([...aboutOne, ...aboutAll].map(({ kind }) => kind));
const heard: ReadonlySet<Audience> = new Set(['everyone', 'moderators']);
const nobody: ReadonlySet<Audience> = new Set();
/** The database was away: the standing is read again after this, in ms. */
const retryMs = 250;

const aboutSomebody = z.object({ actor: z.object({ userId: z.string() }) });

/** Whose access this fact may change; null: anybody's. What a broken writer stated in a shape of its own may concern anybody. */
function concerns(entry: Entry): string | null {
  if (!aboutOne.some((fact) => fact.is(entry))) return null;
  return aboutSomebody.safeParse(entry.payload).data?.actor.userId ?? null;
}

export function createFollowing({ db, hub, log }: { db: Db; hub: Hub; log: Log }): FollowEvent {
  const watchedEvents = new Map<string, Watched>();
  // Everybody who comes is authorised anew, by a read that begins after they came; those of a storm share a few reads.
  const standingOf = createGroupCommit<Viewer | null, Standing>({
    async commit(eventId, viewers) {
      const standings = await standingsIn(db, viewers, eventId);
      return viewers.map((_, place) => {
        const standing = standings[place];
        return standing !== undefined && maySee(standing)
          ? { value: standing }
          : { refusal: new NotFoundError('Event') };
      });
    },
    largest: 256,
    // Each belongs to an operation of an open connection: those have their bounds.
    waiting: Number.POSITIVE_INFINITY,
  });

  function watch(eventId: string): Watched {
    const known = watchedEvents.get(eventId);
    if (known !== undefined) return known;
    const watched: Watched = {
      eventId,
      followers: new Set(),
      watcher: hub.follow(feeds.event(eventId), { audiences: heard, kinds: accessKinds }),
      doubtful: new Set(),
      reading: false,
      retry: null,
    };
    watchedEvents.set(eventId, watched);
    void listen(watched);
    return watched;
  }

  async function listen(watched: Watched): Promise<void> {
    try {
      for await (const item of await watched.watcher) {
        if (item.type === 'end') break;
        const whose = item.type === 'entry' ? concerns(item.entry) : null;
        for (const follower of watched.followers) {
          if (whose === null || follower.viewer?.id === whose) watched.doubtful.add(follower);
        }
        void settle(watched);
      }
    } catch (error) {
      // Without a watcher nobody's access can be vouched for: the clients come again.
      log.warn({ err: error, eventId: watched.eventId }, 'an event can no longer be watched; its followers are let go');
      for (const follower of watched.followers) void follower.subscriber.return();
    } finally {
      if (watchedEvents.get(watched.eventId) === watched) watchedEvents.delete(watched.eventId);
    }
  }

  /** Reads the standing of all doubtful followers in one query, until none is doubtful. */
  async function settle(watched: Watched): Promise<void> {
    if (watched.reading || watched.retry !== null) return;
    watched.reading = true;
    while (watched.doubtful.size > 0) {
      const asked = [...watched.doubtful];
      watched.doubtful.clear();
      try {
        const standings = await standingsIn(
          db,
          asked.map(({ viewer }) => viewer),
          watched.eventId,
        );
        asked.forEach((follower, place) => {
          follower.judged = true;
          judge(watched, follower, standings[place]);
        });
      } catch (error) {
        log.warn({ err: error, eventId: watched.eventId }, "followers' access could not be read; trying again");
        for (const follower of asked) if (watched.followers.has(follower)) watched.doubtful.add(follower);
        watched.retry = setTimeout(() => {
          watched.retry = null;
          void settle(watched);
        }, retryMs);
        break;
      }
    }
    watched.reading = false;
  }

  function judge(watched: Watched, follower: Follower, standing: Standing | undefined): void {
    const refusal = followingRefused(standing);
    if (standing !== undefined && refusal === null) {
      follower.subscriber.admit(audiencesOf(standing));
      return;
    }
    leave(watched, follower);
    follower.subscriber.end(refusal ?? new NotFoundError('Event'));
  }

  function leave(watched: Watched, follower: Follower): void {
    watched.followers.delete(follower);
    watched.doubtful.delete(follower);
    if (watched.followers.size > 0 || watchedEvents.get(watched.eventId) !== watched) return;
    watchedEvents.delete(watched.eventId);
    if (watched.retry !== null) clearTimeout(watched.retry);
    watched.watcher.then(
      (watcher) => watcher.return(),
      () => {},
    );
  }

  return async (viewer, { eventId, after, kinds }) => {
    // Before the feed is opened: an id that names nothing must not make one. What others follow has one.
    if (!watchedEvents.has(eventId)) await standingOf(eventId, viewer);
    const subscriber = await hub.follow(feeds.event(eventId), { after, audiences: nobody, kinds });
    const watched = watch(eventId);
    const follower: Follower = { viewer, subscriber, judged: false };
    watched.followers.add(follower);
    subscriber.onClosed(() => leave(watched, follower));
    try {
      await watched.watcher;
      // Read again now that no change can go unheard.
      const standing = await standingOf(eventId, viewer);
      const refusal = followingRefused(standing);
      if (refusal !== null) throw refusal;
      if (!follower.judged) subscriber.admit(audiencesOf(standing));
    } catch (error) {
      await subscriber.return();
      throw error;
    }
    return subscriber;
  };
}
