import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that wait behind the one that is answered. Browsers send none ahead; who pipelines sends a few. */
const mostWaiting = 10;

/** What @types/node leaves out: Node's parser of a connection. To say that a request is an upgrade ends what it reads. */
interface ParsedSocket extends Socket {
  parser?: { onIncoming: () => number } | null;
}
const isUpgrade = 2;

/**
 * A connection's requests are answered one after the other. Node would begin all that it sends at once and keep them: one read
 * brings two thousand, and those behind the first are never told that the connection is gone.
 */
export class Pipelining {
  /** What waits, of the connections on which a request is answered. */
  readonly #waiting = new WeakMap<Socket, { response: ServerResponse; begin: () => void }[]>();

  /** Calls `begin` when it is the request's turn; never, if its connection ends before, as it does when too many wait. */
  next(socket: ParsedSocket, response: ServerResponse, begin: () => void): void {
    response.once('close', () => this.#answered(socket));
    const waiting = this.#waiting.get(socket);
    if (waiting === undefined) {
      this.#waiting.set(socket, []);
      begin();
    } else if (waiting.length < mostWaiting) waiting.push({ response, begin });
    else {
      socket.destroy();
      // It would go on with what it has read, and there is no other way to tell it.
      if (socket.parser) socket.parser.onIncoming = () => isUpgrade;
    }
  }

  #answered(socket: Socket): void {
    const next = this.#waiting.get(socket)?.shift();
    // Node gives the connection to the next response, unless it ends with this one: then nobody would tell what is begun now.
    if (next === undefined || next.response.socket === null) this.#waiting.delete(socket);
    else next.begin();
  }
}
