import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';

/** How bytes travel. Whatever it is, they arrive in order. */
export interface Manner {
  /** How late each chunk is, in ms, at random between these. */
  delayMs?: readonly [least: number, most: number];
  /** In pieces of 1 to 7 bytes, each in a turn of its own; what lies deep inside a long chunk goes in one. */
  slices?: boolean;
}

/** The wire between a client and a server, which a test can disturb. */
export interface TcpProxy {
  /** The target's URL, through the proxy. */
  readonly url: string;
  /** From now on, for every connection. */
  behave(manner: Manner): void;
  /** Breaks every connection, some with a reset; new ones are made. Returns how many there were. */
  breakAll(): number;
  /** Breaks every connection and refuses new ones. */
  cut(): void;
  restore(): void;
  /** From now on what the target answers waits. */
  holdAnswers(): void;
  /** Answers that wait now, in bytes. */
  readonly held: number;
  /** Connections on which nothing is held go on; those on which something is stay stuck. */
  holdNoMore(): void;
  releaseAnswers(): void;
  /** The present connections stay open and carry nothing any more; new ones work. */
  forget(): void;
  close(): Promise<void>;
}

/** One direction of a connection. */
class Lane {
  /** Nothing leaves while it is so. */
  held = false;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #manner: () => Manner;
  /** A chunk of no bytes is the end. */
  readonly #waiting: { piece: Buffer; due: number }[] = [];
  #due = 0;
  #bytes = 0;
  #carrying = false;

  constructor(from: Socket, to: Socket, manner: () => Manner) {
    this.#from = from;
    this.#to = to;
    this.#manner = manner;
    from.on('data', (chunk: Buffer) => this.#take(chunk));
    from.on('end', () => this.#take(Buffer.alloc(0)));
  }

  get bytes(): number {
    return this.#bytes;
  }

  release(): void {
    this.held = false;
    void this.#carry();
  }

  #take(chunk: Buffer): void {
    const { delayMs, slices = false } = this.#manner();
    const lateMs = delayMs === undefined ? 0 : between(...delayMs);
    this.#due = Math.max(this.#due, performance.now() + lateMs);
    for (const piece of slices ? sliced(chunk) : [chunk]) this.#waiting.push({ piece, due: this.#due });
    this.#bytes += chunk.length;
    if (this.#bytes > mostWaiting) this.#from.pause();
    void this.#carry();
  }

  async #carry(): Promise<void> {
    if (this.#carrying) return;
    this.#carrying = true;
    for (let next = this.#waiting[0]; next !== undefined && !this.held; next = this.#waiting[0]) {
      const earlyMs = next.due - performance.now();
      if (earlyMs > 0) await pause(earlyMs);
      else if (this.#to.destroyed) return;
      else {
        this.#waiting.shift();
        this.#bytes -= next.piece.length;
        await this.#hand(next.piece);
      }
    }
    this.#carrying = false;
    this.#from.resume();
  }

  async #hand(piece: Buffer): Promise<void> {
    if (piece.length === 0) this.#to.end();
    else if (!this.#to.write(piece)) await new Promise<void>((resolve) => this.#to.once('drain', () => resolve()));
    else if (this.#waiting.length > 0) await turn();
  }
}

/** Bytes that wait in one direction before its sender is stopped. */
const mostWaiting = 1024 * 1024;
/** Bytes at either end of a chunk that are sliced. */
const slicedEnds = 128;

const between = (least: number, most: number): number => least + Math.random() * (most - least);

function sliced(chunk: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let start = 0; start < chunk.length; ) {
    const isInside = start >= slicedEnds && start < chunk.length - slicedEnds;
    const end = isInside ? chunk.length - slicedEnds : start + Math.floor(between(1, 8));
    pieces.push(chunk.subarray(start, end));
    start = end;
  }
  return pieces.length === 0 ? [chunk] : pieces;
}

/** A proxy in front of what this URL leads to. The caller closes it. */
export async function startProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<{ near: Socket; far: Socket; questions: Lane; answers: Lane }>();
  let manner: Manner = {};
  let isCut = false;
  let holding = false;

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect({ port: Number(port), host: hostname, allowHalfOpen: true, noDelay: true });
    const questions = new Lane(near, far, () => manner);
    const answers = new Lane(far, near, () => manner);
    answers.held = holding;
    const pair = { near, far, questions, answers };
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    // What one side said before its goodbye still arrives; a break is told to the other side at once.
    for (const [socket, lane] of [
      [near, questions],
      [far, answers],
    ] as const) {
      socket.on('error', end).on('close', () => {
        if (lane.bytes === 0 || lane.held) end();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);

  const breakAll = (): number => {
    const broken = [...pairs];
    broken.forEach(({ near, far }, place) => {
      if (place % 2 === 0) near.resetAndDestroy();
      near.destroy();
      far.destroy();
    });
    pairs.clear();
    return broken.length;
  };
  const cut = (): void => {
    isCut = true;
    breakAll();
  };
  return {
    // An http URL without a path is written without a slash, as an instance writes its own.
    url: url.href.replace(/(?<=^http.*:\d+)\/$/, ''),
    behave(next) {
      manner = next;
    },
    breakAll,
    cut,
    restore() {
      isCut = false;
    },
    holdAnswers() {
      holding = true;
      for (const { answers } of pairs) answers.held = true;
    },
    get held() {
      return [...pairs].reduce((bytes, { answers }) => bytes + (answers.held ? answers.bytes : 0), 0);
    },
    holdNoMore() {
      holding = false;
      for (const { answers } of pairs) if (answers.bytes === 0) answers.release();
    },
    releaseAnswers() {
      holding = false;
      for (const { answers } of pairs) answers.release();
    },
    forget() {
      for (const { questions, answers } of pairs) {
        questions.held = true;
        answers.held = true;
      }
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
