import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '../db/client.ts';
import { fact, feeds } from '../feed/entry.ts';
import type { Hub } from '../feed/hub.ts';
import type { Subscriber } from '../feed/subscriber.ts';
import type { Log } from '../log.ts';

/** States, in the feed of sessions, that these ended before their time. Never shown to clients. */
export const sessionsRevoked = fact<{ sessionIds: string[] }>()('SessionsRevoked');

/** Sessions that ended before their time, while access tokens of theirs may still be about. */
export interface Revocations {
  isRevoked(sessionId: string): boolean;
  /** Calls back once when the session is revoked, soon if it is already. Returns how to stop watching. */
  watch(sessionId: string, onRevoked: () => void): () => void;
  close(): Promise<void>;
}

export interface RevocationsDeps {
  hub: Pick<Hub, 'follow'>;
  db: Db;
  accessTokenSeconds: number;
  log: Log;
}

/** Added to an access token's life before its session is forgotten: a token is signed after its commit. */
const marginSeconds = 60;
/** Wait after a failed read of the log, in ms. */
const retryMs = 250;

/**
 * Follows the feed of sessions for the instance's whole life, so a revocation is known within a second on every instance,
 * with the broker or without. Resolves when every revocation committed before now is known; rejects when the database
 * cannot be read.
 */
export async function createRevocations({ hub, db, accessTokenSeconds, log }: RevocationsDeps): Promise<Revocations> {
  const known = new RevokedSessions({ keptMs: (accessTokenSeconds + marginSeconds) * 1000, log });
  const closing = new AbortController();

  async function load(): Promise<void> {
    const rows = await db.$queryRaw<{ id: string }[]>`
      SELECT id FROM "Session"
      WHERE "revokedAt" > clock_timestamp() - make_interval(secs => ${accessTokenSeconds + marginSeconds})`;
    for (const { id } of rows) known.add(id);
  }

  // Followed before the rows are read: what is revoked in between is heard of in one way or the other.
  const subscriber = await hub.follow(feeds.sessions);
  try {
    await load();
  } catch (error) {
    await subscriber.return();
    throw error;
  }
  const following = follow(subscriber, { known, load, log, signal: closing.signal });

  return {
    isRevoked: (sessionId) => known.has(sessionId),
    watch: (sessionId, onRevoked) => known.watch(sessionId, onRevoked),
    async close() {
      closing.abort();
      await subscriber.return();
      await following;
    },
  };
}

interface Following {
  known: RevokedSessions;
  load: () => Promise<void>;
  log: Log;
  signal: AbortSignal;
}

/** Until the subscriber is closed. An item that could not be taken (the database is away) is tried again. */
async function follow(subscriber: Subscriber, { known, load, log, signal }: Following): Promise<void> {
  let mustLoad = false;
  while (!signal.aborted) {
    try {
      if (mustLoad) await load();
      mustLoad = false;
      const { done, value } = await subscriber.next();
      if (done) return;
      if (value.type === 'reset') mustLoad = true;
      else if (value.type === 'entry' && sessionsRevoked.is(value.entry))
        for (const sessionId of value.entry.payload.sessionIds) known.add(sessionId);
    } catch (error) {
      if (signal.aborted) return;
      // What an entry revokes that cannot be understood stands in the sessions' rows.
      mustLoad = true;
      log.warn({ err: error }, 'revoked sessions cannot be read; trying again');
      await delay(retryMs, undefined, { signal }).catch(() => {});
    }
  }
}

/** Remembers each for `keptMs`: by then its last access token has expired. */
class RevokedSessions {
  readonly #keptMs: number;
  readonly #log: Log;
  /** When each may be forgotten, by performance.now(), which no correction of a clock touches; oldest first. */
  readonly #until = new Map<string, number>();
  readonly #watchers = new Map<string, Set<() => void>>();

  constructor({ keptMs, log }: { keptMs: number; log: Log }) {
    this.#keptMs = keptMs;
    this.#log = log;
  }

  has(sessionId: string): boolean {
    return this.#until.has(sessionId);
  }

  add(sessionId: string): void {
    this.#forget();
    this.#until.delete(sessionId);
    this.#until.set(sessionId, performance.now() + this.#keptMs);
    const watchers = this.#watchers.get(sessionId);
    this.#watchers.delete(sessionId);
    for (const onRevoked of watchers ?? []) onRevoked();
  }

  watch(sessionId: string, onRevoked: () => void): () => void {
    let watching = true;
    const once = (): void => {
      if (!watching) return;
      watching = false;
      try {
        onRevoked();
      } catch (error) {
        this.#log.error({ err: error }, 'what follows a revocation failed');
      }
    };
    const watchers = this.#watchers.get(sessionId) ?? new Set();
    // Not at once: the caller has not yet got the way to stop.
    if (this.has(sessionId)) queueMicrotask(once);
    else this.#watchers.set(sessionId, watchers.add(once));
    return () => {
      watching = false;
      watchers.delete(once);
      if (watchers.size === 0 && this.#watchers.get(sessionId) === watchers) this.#watchers.delete(sessionId);
    };
  }

  /** Those past their time: at most as many stay as are revoked within `keptMs`, and they go when the next one comes. */
  #forget(): void {
    const now = performance.now();
    for (const [sessionId, until] of this.#until) {
      if (until > now) return;
      this.#until.delete(sessionId);
    }
  }
}
