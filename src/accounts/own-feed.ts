import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { encodeCursor } from '../feed/cursor.ts';
import { feeds } from '../feed/entry.ts';
import type { Hub } from '../feed/hub.ts';
import { readTop } from '../feed/log.ts';
import type { Subscriber } from '../feed/subscriber.ts';

/** A user's private feed: what happened to their account. */
export interface OwnFeed {
  /** Continues behind `after`; null: from now. The reader must call `return`. */
  follow(viewer: Viewer, after: string | null): Promise<Subscriber>;
  /** Where the feed stands now. */
  cursor(viewer: Viewer): Promise<string>;
}

export function createOwnFeed({ db, hub }: { db: Db; hub: Hub }): OwnFeed {
  return {
    follow: ({ id }, after) =>
      hub.follow(feeds.user(id), { after, audiences: new Set(['everyone', `user:${id}`] as const) }),
    cursor: async ({ id }) => encodeCursor(await readTop(db, feeds.user(id))),
  };
}
