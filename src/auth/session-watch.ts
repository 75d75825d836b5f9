import { UnauthenticatedError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Revocations } from './revocations.ts';
import type { Viewer } from './viewer.ts';

/** Calls `onEnd` once, when the viewer's session ends. Returns the function that stops watching. */
export type WatchSession = (viewer: Viewer, onEnd: (reason: UnauthenticatedError) => void) => () => void;

/** Longest wait of a timer, in ms (2^31 - 1). */
const longestTimer = 2_147_483_647;
/** The database could not say whether a session was refreshed: asked again after so long, in ms. */
const retryMs = 5000;

export interface SessionWatchDeps {
  revocations: Pick<Revocations, 'watch'>;
  /** Expiry of the newest access token of a session; null: the session has ended. */
  validUntil: (sessionId: string) => Promise<Date | null>;
  /** The database's clock, by which sessions and tokens expire. */
  now: () => number;
  log: Log;
}

/**
 * What is open goes on as long as its session: until that is revoked, or until an access token expires without the client
 * having refreshed its session meanwhile, over whatever transport. So a client that keeps its session fresh keeps its socket.
 */
export function createSessionWatch({ revocations, validUntil, now, log }: SessionWatchDeps): WatchSession {
  return (viewer, onEnd) => {
    let timer: NodeJS.Timeout;
    let over = false;
    const stop = () => {
      over = true;
      clearTimeout(timer);
      unwatch();
    };
    const end = (reason: string) => {
      if (over) return;
      stop();
      onEnd(new UnauthenticatedError(reason));
    };
    const wait = (ms: number) => {
      timer = setTimeout(() => void look(), Math.min(Math.max(ms, 0), longestTimer)).unref();
    };
    const look = async () => {
      try {
        const until = await validUntil(viewer.sessionId);
        if (over) return;
        const left = (until?.getTime() ?? 0) - now();
        if (left > 0) wait(left);
        else end('The access token expired and the session was not refreshed.');
      } catch (error) {
        log.warn({ err: error }, 'the end of a session could not be looked up; trying again');
        if (!over) wait(retryMs);
      }
    };
    const unwatch = revocations.watch(viewer.sessionId, () => end('The session ended.'));
    wait(viewer.expiresAt - now());
    return stop;
  };
}
