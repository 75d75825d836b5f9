import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { FrameDesk } from './frame-desk.ts';
import type { Rendered } from './rendered.ts';

/** What is held back for one socket at most, in bytes. */
const most = 64 * 1024;

/** Almost always the kernel takes frames at once, and then not even the memory for the next socket's has to be new. */
const desk = new FrameDesk();

/** Is taken when all that was said before it was. */
const mark = Buffer.alloc(0);

/**
 * What a server has to say on one WebSocket: the protocol's messages one by one, and a subscription's results many at a time,
 * as frames that were put together here and leave in one write. Nothing else may compress or fragment messages on this socket.
 */
export class SocketOutlet {
  readonly #socket: WebSocket;
  readonly #connection: Duplex;
  readonly #waiting = new Set<() => void>();
  /** Operations that results are told of. */
  #operations = 0;
  /** A mark was set behind what is to be taken. */
  #marked = false;
  /** Held back until the present moment is over, for what others have to tell in it. */
  #corked = false;

  /** @param connection what the socket was opened on */
  constructor(socket: WebSocket, connection: Duplex) {
    this.#socket = socket;
    this.#connection = connection;
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Some of what was said is still here: the client reads slower than it is told. */
  get blocked(): boolean {
    return this.#connection.writableLength > (this.#corked ? most : 0);
  }

  /** Until the returned function is called, another operation tells its results here. */
  join(): () => void {
    this.#operations++;
    return () => {
      this.#operations--;
    };
  }

  /** Calls back once, when everything that was said so far has been taken. For a socket that is blocked. */
  whenTaken(callback: () => void): void {
    this.#waiting.add(callback);
    if (this.#marked) return;
    this.#marked = true;
    this.#connection.write(mark, this.#taken);
  }

  /**
   * Says one of the protocol's messages. What is said in one moment leaves in one write: an operation's result, and that it was the
   * last. Resolves at once while the client keeps up; else when the kernel took the message, or nobody will.
   */
  say(message: string): Promise<void> {
    if (!this.open) return Promise.resolve();
    this.#cork();
    if (!this.blocked) {
      this.#socket.send(message);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      this.#socket.send(message, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** Sends these results in one write. Each becomes a text message: `before`, its JSON, a closing brace. */
  tell(results: readonly Rendered[], before: Buffer): void {
    if (!this.open) return;
    if (this.#operations > 1) this.#cork();
    // Without a callback: most writes are over when this returns, and whoever has to wait sets a mark.
    this.#connection.write(desk.lay(results, before));
    // The kernel did not take it at once: the frames are the connection's now.
    if (this.#connection.writableLength > 0) desk.giveAway();
  }

  /** What several operations tell in one moment leaves in one write, too. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#connection.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#connection.uncork();
    });
  }

  readonly #taken = (): void => {
    this.#marked = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of waiting) callback();
  };
}
