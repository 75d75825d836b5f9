import { setImmediate as turn } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { answer } from '../../child.ts';
import { until } from '../../wait.ts';
import { EventStream } from '../event-stream.ts';
import { feedDocument } from '../swarm.ts';

// Subscribes and leaves, over and over, seldom with a goodbye.

export interface ChurnOptions {
  urls: readonly string[];
  /** Global ids of events in which entries flow. */
  lively: readonly string[];
  /** Of events in which nothing happens. */
  quiet: readonly string[];
  token: string;
  /** Subscriptions to make and to leave. */
  cycles: number;
  /** Sockets at a time. */
  lanes: number;
  /** How long something may take to come, in ms. @default 10000 */
  limitMs?: number;
}

export interface Churned {
  cycles: number;
  sockets: number;
  streams: number;
  /** Operations that were told items before they were left. */
  items: number;
}

/** A socket sends 40 messages a second at most, `connection_init` among them. */
const share = 38;

/** How a socket is used: what its operations follow, and how they end. */
const ways = ['completed', 'cut at once', 'cut while live', 'closed while live'] as const;

async function churn({ urls, lively, quiet, token, cycles, lanes, limitMs }: ChurnOptions): Promise<Churned> {
  const churned: Churned = { cycles: 0, sockets: 0, streams: 0, items: 0 };
  let turns = 0;
  const one = <T>(all: readonly T[], number: number): T => {
    const value = all[number % all.length];
    if (value === undefined) throw new Error('there is something to choose from');
    return value;
  };

  async function useSocket(number: number): Promise<void> {
    const way = one(ways, number);
    const events = way.endsWith('live') ? lively : quiet;
    const socket = new Operations(one(urls, number >> 2), number % 3 === 0 ? token : null);
    await socket.opened;
    const operations = way === 'completed' ? share / 2 : share;
    for (let id = 0; id < operations; id++) socket.subscribe(`${id}`, one(events, number + (id >> 3)));
    if (way === 'completed') for (let id = 0; id < operations; id++) socket.complete(`${id}`);
    if (way.endsWith('live')) await until(() => socket.told >= operations / 2, { what: 'items', limitMs });
    if (number % 8 < 4) await turn();
    if (way === 'closed while live') socket.close();
    else socket.cut();
    churned.cycles += operations;
    churned.sockets++;
    churned.items += socket.told;
  }

  async function useStream(number: number): Promise<void> {
    const live = number % 2 === 0;
    const stream = new EventStream(one(urls, number >> 2), null, feedDocument, {
      eventId: one(live ? lively : quiet, number >> 1),
    });
    if (live) await stream.has(1, limitMs);
    else await turn();
    stream.close();
    churned.cycles++;
    churned.streams++;
    churned.items += stream.results.length > 0 ? 1 : 0;
  }

  const lane = async (): Promise<void> => {
    while (churned.cycles < cycles) {
      const number = turns++;
      await useSocket(number);
      await useStream(number);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return churned;
}

/** Many operations on one socket, as a client without manners has them. */
class Operations {
  readonly opened: Promise<void>;
  readonly #socket: WebSocket;
  readonly #told = new Set<string>();

  constructor(url: string, token: string | null) {
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    this.opened = new Promise((resolve, reject) => {
      this.#socket.once('close', (code) => reject(new Error(`the socket was closed with ${code}`)));
      this.#socket.once('error', reject);
      this.#socket.once('open', () => this.#say({ type: 'connection_init', payload: token && { accessToken: token } }));
      this.#socket.on('message', (data) => {
        const { type, id } = JSON.parse(String(data));
        if (type === 'connection_ack') resolve();
        else if (type === 'next') this.#told.add(id);
      });
    });
    // What ends it later is no failure to open.
    this.opened.then(() => this.#socket.on('error', () => {}));
  }

  /** How many operations were told something. */
  get told(): number {
    return this.#told.size;
  }

  subscribe(id: string, eventId: string): void {
    this.#say({ id, type: 'subscribe', payload: { query: feedDocument, variables: { eventId } } });
  }

  complete(id: string): void {
    this.#say({ id, type: 'complete' });
  }

  close(): void {
    this.#socket.close(1000);
  }

  cut(): void {
    this.#socket.terminate();
  }

  #say(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }
}

answer({ churn });
