export interface FrameHandlers {
  /** The connection is a WebSocket now. */
  onUpgrade: () => void;
  /** A whole text message. Only valid during the call. */
  onMessage: (message: Buffer) => void;
  onPing: (data: Buffer) => void;
}

const endOfHead = '\r\n\r\n';

/** Reads what a server sends on a WebSocket (RFC 6455: unmasked, unfragmented) with as little work as possible. */
export class FrameReader {
  readonly #handlers: FrameHandlers;
  #upgraded = false;
  #rest: Buffer | null = null;

  constructor(handlers: FrameHandlers) {
    this.#handlers = handlers;
  }

  take(data: Buffer): void {
    let bytes = this.#rest === null ? data : Buffer.concat([this.#rest, data]);
    this.#rest = null;
    if (!this.#upgraded) {
      const end = bytes.indexOf(endOfHead);
      if (end >= 0) bytes = bytes.subarray(end + endOfHead.length);
      this.#upgraded = end >= 0;
      if (this.#upgraded) this.#handlers.onUpgrade();
    }
    const read = this.#upgraded ? this.#frames(bytes) : 0;
    if (read < bytes.length) this.#rest = bytes.subarray(read);
  }

  /** Returns how much of it was whole frames. */
  #frames(bytes: Buffer): number {
    let at = 0;
    while (at + 2 <= bytes.length) {
      let length = bytes[at + 1] ?? 0;
      let start = at + 2;
      if (length === 126) {
        if (at + 4 > bytes.length) break;
        length = bytes.readUInt16BE(at + 2);
        start = at + 4;
      } else if (length === 127) throw new Error('no message of a bench is that large');
      if (start + length > bytes.length) break;
      const opcode = (bytes[at] ?? 0) & 0x0f;
      const body = bytes.subarray(start, start + length);
      if (opcode === 1) this.#handlers.onMessage(body);
      else if (opcode === 9) this.#handlers.onPing(body);
      at = start + length;
    }
    return at;
  }

  static text(text: string): Buffer {
    return masked(0x81, Buffer.from(text));
  }

  static pong(data: Buffer): Buffer {
    return masked(0x8a, data);
  }
}

/** A client's frame, masked with zeros: the bytes stay as they are. */
function masked(first: number, body: Buffer): Buffer {
  const header =
    body.length < 126
      ? Buffer.from([first, 0x80 | body.length, 0, 0, 0, 0])
      : Buffer.from([first, 0x80 | 126, body.length >> 8, body.length & 0xff, 0, 0, 0, 0]);
  return Buffer.concat([header, body]);
}
