import { WebSocket } from 'ws';

/** What one socket may do (design §13). */
export const socketLimits = {
  operations: 50,
  /** Of an operation's id, in characters. */
  operationId: 128,
  messagesPerSecond: 40,
  /** Frames that make up one message. */
  fragments: 64,
  perUser: 20,
  /** Milliseconds. */
  initWithin: 5000,
  pingEvery: 12_000,
  /** Milliseconds that a socket which was closed for what it sent gets to read why. */
  farewell: 1000,
} as const;

/** Close codes beside the protocol's own: RFC 6455's registry, and 4429 for a client that must not simply come back. */
export const closeCodes = { restart: 1012, overloaded: 1013, tooMany: 4429 } as const;

/** Ends a socket that misses a ping. Returns what stops the pings. */
export function keepAlive(socket: WebSocket): () => void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const timer = setInterval(() => {
    // A ping that stands behind unsent data cannot be answered yet. Whether those get through is looked at elsewhere.
    if (!answered && socket.bufferedAmount === 0) return socket.terminate();
    if (!answered) return;
    answered = false;
    socket.ping();
  }, socketLimits.pingEvery);
  return () => clearInterval(timer);
}

/** Closes a socket whose client cannot be trusted to close it, too: what it goes on sending is not read. */
export function dismiss(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.close(code, reason);
  socket.pause();
  setTimeout(() => socket.terminate(), socketLimits.farewell).unref();
}

/** Closes a socket that sends more than its share. */
export function countMessages(socket: WebSocket): { allowed: () => boolean } {
  let second = 0;
  let count = 0;
  return {
    allowed() {
      const now = Math.floor(performance.now() / 1000);
      if (now !== second) {
        second = now;
        count = 0;
      }
      count++;
      if (count <= socketLimits.messagesPerSecond) return true;
      dismiss(socket, closeCodes.tooMany, 'Too many messages');
      return false;
    },
  };
}
