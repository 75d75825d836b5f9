import type { Rendered } from './rendered.ts';

/** RFC 6455, section 5.2: FIN and the opcode of a text message. Servers do not mask. */
const finalText = 0x81;

const after = Buffer.from('}');

/**
 * Where the frames for one socket after the other are put together. What many follow is told to many in a row: then the frames
 * lie there already, and only what differs between two sockets, the beginning of each message, is written anew.
 */
export class FrameDesk {
  #memory = Buffer.alloc(0);
  #results: readonly Rendered[] = [];
  #before = 0;
  #size = 0;

  /** These results, each as a text message of `before`, its JSON and a closing brace. Good until the next call. */
  lay(results: readonly Rendered[], before: Buffer): Buffer {
    if (this.#holds(results, before)) this.#address(before);
    else this.#write(results, before);
    return this.#memory.subarray(0, this.#size);
  }

  /** What was laid last belongs to somebody who needs it longer: the next frames get memory of their own. */
  giveAway(): void {
    this.#memory = Buffer.alloc(0);
    this.#results = [];
  }

  #holds(results: readonly Rendered[], before: Buffer): boolean {
    const held = this.#results;
    if (before.length !== this.#before || results.length !== held.length) return false;
    for (let n = 0; n < results.length; n++) if (results[n] !== held[n]) return false;
    return true;
  }

  #address(before: Buffer): void {
    let at = 0;
    for (const { json } of this.#results) {
      const length = before.length + json.length + after.length;
      at += headerSize(length);
      this.#memory.set(before, at);
      at += length;
    }
  }

  #write(results: readonly Rendered[], before: Buffer): void {
    let size = 0;
    for (const { json } of results) {
      const length = before.length + json.length + after.length;
      size += headerSize(length) + length;
    }
    if (this.#memory.length < size) this.#memory = Buffer.allocUnsafeSlow(Math.max(size, 8192));
    let at = 0;
    for (const { json } of results) {
      at = putHeader(this.#memory, at, before.length + json.length + after.length);
      for (const part of [before, json, after]) {
        this.#memory.set(part, at);
        at += part.length;
      }
    }
    this.#results = results;
    this.#before = before.length;
    this.#size = size;
  }
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
