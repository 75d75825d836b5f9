import type { Viewer } from '../auth/viewer.ts';
import { type Audience, feeds } from '../feed/entry.ts';
import type { Hub } from '../feed/hub.ts';
import type { Subscriber } from '../feed/subscriber.ts';
import { audiencesOf } from './access.ts';
import type { Guard } from './guard.ts';

export interface FollowRequest {
  eventId: string;
  /** Continue after this cursor. Null: from now. */
  after?: string | null;
  /** Only these kinds of facts. Null: all. */
  kinds?: ReadonlySet<string> | null;
}

/** The event's feed, as far as the viewer may read it: a new moderator sees more from then on. Throws and ends as `Guard`. */
export type FollowEvent = (viewer: Viewer | null, request: FollowRequest) => Promise<Subscriber>;

const nobody: ReadonlySet<Audience> = new Set();

export function createFollowing({ hub, guard }: { hub: Hub; guard: Guard }): FollowEvent {
  return (viewer, { eventId, after, kinds }) =>
    guard(viewer, eventId, {
      open: () => hub.follow(feeds.event(eventId), { after, audiences: nobody, kinds }),
      judge: (subscriber, standing) => subscriber.admit(audiencesOf(standing)),
    });
}
