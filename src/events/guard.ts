import { z } from 'zod';
import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { type DomainError, NotFoundError } from '../errors.ts';
import { type Audience, type Entry, feeds } from '../feed/entry.ts';
import { createGroupCommit } from '../feed/group-commit.ts';
import type { Hub } from '../feed/hub.ts';
import type { Subscriber } from '../feed/subscriber.ts';
import type { Log } from '../log.ts';
import { moderatorAppointed, moderatorDismissed, sanctionImposed } from '../moderation/entries.ts';
import { participantJoined, participantLeft } from '../participation/entries.ts';
import { followingRefused, maySee, type Standing, standingsIn } from './access.ts';
import { userUninvited, videoEventCancelled, videoEventDeleted, videoEventUpdated } from './entries.ts';

/** What a viewer follows of an event: it can be ended from here. */
export interface Followed {
  /** Delivers `error` as the last item. */
  end(error: DomainError): void;
  onClosed(callback: () => void): void;
  return(): Promise<unknown>;
}

/**
 * Opens what a viewer may follow of an event, and keeps watch over it: their standing is read anew when a fact passes that may change
 * it, `judge` is told of each that lets them follow (the first one before this resolves), and for whoever may follow no longer the
 * last item is an `end`. Throws NotFoundError when the viewer may not see the event, and SanctionedError when they are banned in it.
 */
export type Guard = <Source extends Followed>(
  viewer: Viewer | null,
  eventId: string,
  following: { open: () => Promise<Source>; judge?: (source: Source, standing: Standing) => void },
) => Promise<Source>;

export interface GuardDeps {
  db: Db;
  hub: Hub;
  log: Log;
  /** Told of each participant who follows, until the returned function is called. */
  attend: (eventId: string, participantId: string) => () => void;
}

/** A subscription in use and whose it is. */
interface Follower {
  readonly viewer: Viewer | null;
  readonly source: Followed;
  readonly judge: (standing: Standing) => void;
  /** A verdict younger than the subscription's first was given. */
  judged: boolean;
  /** As whom they are here. Null: they hold no place. */
  attendance: { readonly participantId: string; readonly leave: () => void } | null;
}

/** An event that somebody follows on this instance. */
interface Watched {
  readonly eventId: string;
  /** By user; guests under ''. */
  readonly followers: Map<string, Set<Follower>>;
  /** Hears every fact that may change somebody's access, whatever its audience. */
  readonly watcher: Promise<Subscriber>;
  /** Whose access is to be read again. */
  readonly doubtful: Set<Follower>;
  reading: boolean;
  retry: NodeJS.Timeout | null;
}

const aboutOne = [
  userUninvited,
  moderatorAppointed,
  moderatorDismissed,
  participantJoined,
  participantLeft,
  sanctionImposed,
];
const aboutAll = [videoEventUpdated, videoEventCancelled, videoEventDeleted];
const accessKinds: ReadonlySet<string> = new Set([...aboutOne, ...aboutAll].map(({ kind }) => kind));
const heard: ReadonlySet<Audience> = new Set(['everyone', 'moderators']);
/** The database was away: the standing is read again after this, in ms. */
const retryMs = 250;

const aboutSomebody = z.object({ actor: z.object({ userId: z.string() }) });

/** Whose access this fact may change; null: anybody's. What a broken writer stated in a shape of its own may concern anybody. */
function concerns(entry: Entry): string | null {
  if (!aboutOne.some((fact) => fact.is(entry))) return null;
  return aboutSomebody.safeParse(entry.payload).data?.actor.userId ?? null;
}

export function createGuard({ db, hub, log, attend }: GuardDeps): Guard {
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
      followers: new Map(),
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
        for (const follower of followersIn(watched, whose)) watched.doubtful.add(follower);
        void settle(watched);
      }
    } catch (error) {
      // Without a watcher nobody's access can be vouched for: the clients come again.
      log.warn({ err: error, eventId: watched.eventId }, 'an event can no longer be watched; its followers are let go');
      for (const { source } of followersIn(watched, null)) void source.return();
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
        for (const follower of asked) if (isFollowing(watched, follower)) watched.doubtful.add(follower);
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
      follower.judge(standing);
      return;
    }
    leave(watched, follower);
    follower.source.end(refusal ?? new NotFoundError('Event'));
  }

  /** They are here as the participant they are now, or as nobody. */
  function present(eventId: string, follower: Follower, participantId: string | null): void {
    if (follower.attendance?.participantId === participantId) return;
    follower.attendance?.leave();
    follower.attendance = participantId === null ? null : { participantId, leave: attend(eventId, participantId) };
  }

  function enter(watched: Watched, follower: Follower): void {
    const who = follower.viewer?.id ?? '';
    const others = watched.followers.get(who);
    if (others === undefined) watched.followers.set(who, new Set([follower]));
    else others.add(follower);
  }

  function leave(watched: Watched, follower: Follower): void {
    const who = follower.viewer?.id ?? '';
    const others = watched.followers.get(who);
    if (others?.delete(follower) !== true) return;
    if (others.size === 0) watched.followers.delete(who);
    watched.doubtful.delete(follower);
    present(watched.eventId, follower, null);
    if (watched.followers.size > 0 || watchedEvents.get(watched.eventId) !== watched) return;
    watchedEvents.delete(watched.eventId);
    if (watched.retry !== null) clearTimeout(watched.retry);
    watched.watcher.then(
      (watcher) => watcher.return(),
      () => {},
    );
  }

  return async (viewer, eventId, { open, judge = () => {} }) => {
    // Before anything is opened: an id that names nothing must not make a feed. What others follow has one.
    if (!watchedEvents.has(eventId)) await standingOf(eventId, viewer);
    const source = await open();
    const watched = watch(eventId);
    const follower: Follower = {
      viewer,
      source,
      judge(standing) {
        // Whoever left meanwhile is not to be found here again.
        if (!isFollowing(watched, follower)) return;
        present(eventId, follower, standing.participantId);
        judge(source, standing);
      },
      judged: false,
      attendance: null,
    };
    enter(watched, follower);
    source.onClosed(() => leave(watched, follower));
    try {
      await watched.watcher;
      // Read again now that no change can go unheard.
      const standing = await standingOf(eventId, viewer);
      const refusal = followingRefused(standing);
      if (refusal !== null) throw refusal;
      if (!follower.judged) follower.judge(standing);
    } catch (error) {
      await source.return();
      throw error;
    }
    return source;
  };
}

/** Somebody's subscriptions to the event; null: everybody's. */
function followersIn({ followers }: Watched, userId: string | null): Follower[] {
  if (userId !== null) return [...(followers.get(userId) ?? [])];
  return [...followers.values()].flatMap((theirs) => [...theirs]);
}

const isFollowing = ({ followers }: Watched, follower: Follower): boolean =>
  followers.get(follower.viewer?.id ?? '')?.has(follower) === true;
