import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { answer } from '../../child.ts';
import type { Data } from '../../data.ts';
import { until } from '../../wait.ts';

// People who tap, in a process of its own: each over a socket, at a pace that does not depend on the answers. What is not
// acknowledged is sent again, at the next instance, under the same key.

export interface ReactOptions {
  urls: readonly string[];
  eventId: string;
  tokens: readonly string[];
  emoji: readonly string[];
  /** Taps of one reaction. */
  taps: number;
  /** Reactions a second, of all people together. */
  perSecond: number;
  seconds: number;
}

export interface Reacted {
  /** Reactions that were acknowledged, by emoji. */
  acknowledged: Record<string, number>;
  /** Of these, how many were sent more than once. */
  retried: number;
  /** What was answered instead, by code. */
  refusals: Record<string, number>;
  /** From the first sending to the acknowledgement, in ms: the median, and of the slowest hundredth the fastest. */
  p50: number;
  p99: number;
  /** From the first sending to the last acknowledgement. */
  seconds: number;
}

const document = `mutation($input: ReactInput!) { react(input: $input) {
  __typename ... on ReactPayload { count } ... on Error { code message } } }`;

/** Of one person: a socket takes 50 operations at a time, and 40 messages a second. */
const atOnce = 16;
const betweenMs = 30;

interface Tap {
  readonly key: string;
  readonly emoji: string;
  readonly offeredAt: number;
  attempts: number;
}

class Person {
  readonly waiting: Tap[] = [];
  readonly #underWay = new Map<string, Tap>();
  readonly #options: ReactOptions;
  readonly #token: string;
  readonly #done: (tap: Tap, code: string) => void;
  #home: number;
  #socket: WebSocket | null = null;
  #sentAt = 0;
  #closed = false;
  ready = false;

  constructor(options: ReactOptions, place: number, done: (tap: Tap, code: string) => void) {
    this.#options = options;
    this.#token = options.tokens[place] ?? '';
    this.#home = place;
    this.#done = done;
    this.#connect();
  }

  /** Sends one that waits, if that can be done now. */
  move(): void {
    const now = performance.now();
    if (!this.ready || this.#underWay.size >= atOnce || now - this.#sentAt < betweenMs) return;
    const tap = this.waiting.shift();
    if (tap === undefined) return;
    this.#sentAt = now;
    tap.attempts++;
    this.#underWay.set(tap.key, tap);
    const { eventId, taps: count } = this.#options;
    const input = { eventId, emoji: tap.emoji, count, idempotencyKey: tap.key };
    this.#say({ id: tap.key, type: 'subscribe', payload: { query: document, variables: { input } } });
  }

  close(): void {
    this.#closed = true;
    this.#socket?.terminate();
  }

  #connect(): void {
    const { urls } = this.#options;
    const url = urls[this.#home % urls.length] ?? '';
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    this.#socket = socket;
    socket.on('error', () => {});
    socket.once('open', () => this.#say({ type: 'connection_init', payload: { accessToken: this.#token } }));
    socket.on('message', (data) => this.#hear(JSON.parse(String(data))));
    socket.once('close', () => void this.#comeBack());
  }

  async #comeBack(): Promise<void> {
    this.ready = false;
    this.waiting.unshift(...this.#underWay.values());
    this.#underWay.clear();
    this.#home++;
    await pause(20 + Math.random() * 80);
    if (!this.#closed) this.#connect();
  }

  #hear({ type, id, payload }: { type: string; id: string; payload: Data }): void {
    if (type === 'connection_ack') this.ready = true;
    if (type === 'ping') this.#say({ type: 'pong' });
    const tap = this.#underWay.get(id);
    if (tap === undefined || (type !== 'next' && type !== 'error')) return;
    this.#underWay.delete(id);
    const errors = type === 'error' ? payload : payload.errors;
    const result = payload.data?.react;
    const code = result?.__typename === 'ReactPayload' ? 'OK' : String(result?.code ?? errors?.[0]?.extensions?.code);
    if (code === 'UNAVAILABLE') this.waiting.push(tap);
    this.#done(tap, code);
  }

  #say(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }
}

let acknowledgedSoFar = 0;

async function react(options: ReactOptions): Promise<Reacted> {
  const { emoji, perSecond, seconds } = options;
  const reacted: Reacted = { acknowledged: {}, retried: 0, refusals: {}, p50: 0, p99: 0, seconds: 0 };
  const delays: number[] = [];
  let open = 0;
  acknowledgedSoFar = 0;
  const people = options.tokens.map(
    (_, place) =>
      new Person(options, place, (tap, code) => {
        if (code !== 'OK') reacted.refusals[code] = (reacted.refusals[code] ?? 0) + 1;
        if (code === 'UNAVAILABLE') return;
        open--;
        if (code !== 'OK') return;
        acknowledgedSoFar++;
        reacted.acknowledged[tap.emoji] = (reacted.acknowledged[tap.emoji] ?? 0) + 1;
        if (tap.attempts > 1) reacted.retried++;
        delays.push(performance.now() - tap.offeredAt);
      }),
  );
  await until(() => people.every(({ ready }) => ready), { what: 'everybody to be connected', limitMs: 60_000 });

  const startedAt = performance.now();
  let offered = 0;
  const ticking = setInterval(() => {
    const due = Math.min(seconds, (performance.now() - startedAt) / 1000) * perSecond;
    for (; offered < Math.floor(due); offered++) {
      const tap = {
        key: randomUUID(),
        emoji: emoji[offered % emoji.length] ?? '',
        offeredAt: performance.now(),
        attempts: 0,
      };
      people[offered % people.length]?.waiting.push(tap);
      open++;
    }
    for (const person of people) person.move();
  }, 5);
  try {
    await until(() => offered === seconds * perSecond && open === 0, {
      what: 'every reaction to be acknowledged',
      limitMs: 120_000,
    });
  } finally {
    clearInterval(ticking);
    for (const person of people) person.close();
  }
  delays.sort((a, b) => a - b);
  const at = (share: number) => Math.round(delays[Math.floor(delays.length * share)] ?? Number.NaN);
  return { ...reacted, p50: at(0.5), p99: at(0.99), seconds: (performance.now() - startedAt) / 1000 };
}

answer({ react, acknowledged: () => acknowledgedSoFar });
