import type { Socket } from 'node:net';

/** A connection that takes nothing of what is sent to it for so long, and longer for a large write, is given up, in ms. */
export const blockedMs = 10_000;
/** A write shows no progress before all of it is taken. So a large one is given longer: as if this much went in a second, in bytes. */
const slowest = 32 * 1024;

export interface SlowSockets {
  /** Watches a connection until it closes. `giveUp` is called once, when it has been blocked for too long. */
  watch(socket: Socket, giveUp: () => void): void;
  close(): void;
}

interface Watched {
  giveUp: () => void;
  /** Bytes the kernel had taken when progress was last seen. */
  flushed: number;
  /** When that was, by the monotonic clock. */
  since: number;
}

/**
 * Finds clients that stopped reading. Feeds need no queue for them (a subscriber is a cursor), but a stuck connection would
 * hold its memory for ever.
 */
export function createSlowSockets({
  limitMs = blockedMs,
  onGiveUp = () => {},
}: {
  limitMs?: number;
  /** Told of each connection that is given up. */
  onGiveUp?: () => void;
} = {}): SlowSockets {
  const watched = new Map<Socket, Watched>();
  const look = () => {
    const now = performance.now();
    for (const [socket, state] of watched) {
      const flushed = socket.bytesWritten - socket.writableLength;
      if (socket.writableLength === 0 || flushed !== state.flushed) {
        state.flushed = flushed;
        state.since = now;
      } else if (now - state.since >= limitMs + (socket.writableLength * 1000) / slowest) {
        watched.delete(socket);
        onGiveUp();
        state.giveUp();
      }
    }
  };
  const timer = setInterval(look, Math.max(50, limitMs / 10)).unref();
  return {
    watch(socket, giveUp) {
      if (!watched.has(socket)) socket.once('close', () => watched.delete(socket));
      watched.set(socket, { giveUp, flushed: 0, since: performance.now() });
    },
    close() {
      clearInterval(timer);
      watched.clear();
    },
  };
}
