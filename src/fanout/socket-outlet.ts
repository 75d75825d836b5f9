import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Rendered } from './rendered.ts';

/** What is held back for one socket at most, in bytes. */
const most = 64 * 1024;

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
  /** Writes that the kernel has not taken. */
  #underway = 0;
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
    return this.#underway > 0 && this.#connection.writableLength > (this.#corked ? most : 0);
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
  }

  /** Resolves when the kernel took the message, or nobody will. */
  say(message: string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.open) return resolve();
      this.#underway++;
      this.#socket.send(message, (error) => {
        this.#taken();
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** Sends these results in one write. Each becomes a text message: `before`, its JSON, `after`. */
  tell(results: readonly Rendered[], before: Buffer, after: Buffer): void {
    if (!this.open) return;
    this.#underway++;
    if (this.#operations > 1) this.#cork();
    this.#connection.write(framed(results, before, after), this.#taken);
    // The kernel did not take it at once: the frames are the connection's now.
    if (this.#connection.writableLength > 0) desk = Buffer.alloc(0);
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
    this.#underway--;
    if (this.#waiting.size === 0 || this.blocked) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of waiting) callback();
  };
}

/** RFC 6455, section 5.2: FIN and the opcode of a text message. Servers do not mask. */
const finalText = 0x81;

/**
 * Where frames are put together, for one socket after the other: almost always the kernel takes them at once, and then not even
 * the memory has to be new.
 */
let desk = Buffer.alloc(0);

function framed(results: readonly Rendered[], before: Buffer, after: Buffer): Buffer {
  let size = 0;
  for (const { json } of results) {
    const length = before.length + json.length + after.length;
    size += headerSize(length) + length;
  }
  if (desk.length < size) desk = Buffer.allocUnsafeSlow(Math.max(size, 8192));
  const frames = desk.subarray(0, size);
  let at = 0;
  for (const { json } of results) {
    at = putHeader(frames, at, before.length + json.length + after.length);
    for (const part of [before, json, after]) {
      frames.set(part, at);
      at += part.length;
    }
  }
  return frames;
}

const headerSize = (length: number): number => (length < 126 ? 2 : length < 65_536 ? 4 : 10);

/** Returns where the message begins. */
function putHeader(frames: Buffer, at: number, length: number): number {
  frames[at] = finalText;
  if (length < 126) {
    frames[at + 1] = length;
    return at + 2;
  }
  if (length < 65_536) {
    frames[at + 1] = 126;
    return frames.writeUInt16BE(length, at + 2);
  }
  frames[at + 1] = 127;
  frames.writeUInt32BE(0, at + 2);
  return frames.writeUInt32BE(length, at + 6);
}
