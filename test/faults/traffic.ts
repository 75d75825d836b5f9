import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Actor } from '../actor.ts';
import { until } from '../wait.ts';
import type { Received } from './oracle.ts';

const sendDocument = `mutation($input: SendMessageInput!) { sendMessage(input: $input) {
  __typename ... on SendMessagePayload { sentMessage { sequence } } ... on Error { code message } } }`;

/** A message whose sending was acknowledged. */
export interface Sent {
  text: string;
  sequence: number;
  /** By performance.now(): when it was first tried, and when the acknowledgement came. */
  sentAt: number;
  acknowledgedAt: number;
  /** 1: at once. */
  attempts: number;
}

/** An attempt that brought no acknowledgement: a top-level error's code, or NETWORK. */
export interface Refusal {
  code: string;
  at: number;
  afterMs: number;
}

export interface TrafficOptions {
  /** Participants who each send one message after the other. */
  senders: readonly Actor[];
  /** Where to send, in turns; after a failure the next one is tried. */
  urls: readonly string[];
  eventId: string;
  /** All senders together stop after so many messages. @default none: until `stop` */
  count?: number;
  /** Messages a second, of all senders together. @default as fast as they are acknowledged */
  rate?: number;
}

/**
 * Chat as its users send it: whoever gets no acknowledgement tries again, at the next instance, with the same idempotency key.
 * A refusal that trying again cannot mend ends the traffic with an error.
 */
export class Traffic {
  readonly sent: Sent[] = [];
  readonly refusals: Refusal[] = [];
  readonly #options: TrafficOptions;
  #started = 0;
  #stopped = false;
  readonly #done: Promise<unknown>;
  readonly #since = performance.now();

  constructor(options: TrafficOptions) {
    this.#options = options;
    this.#done = Promise.all(options.senders.map((sender, place) => this.#send(sender, place)));
    // Told by whoever awaits the end.
    this.#done.catch(() => {});
  }

  /** Messages begun and not yet acknowledged. */
  get underWay(): number {
    return this.#started - this.sent.length;
  }

  /** Resolves when all `count` messages are acknowledged. */
  async done(): Promise<readonly Sent[]> {
    await this.#done;
    return this.sent;
  }

  /** Takes no new message; resolves when those under way are acknowledged. */
  async stop(): Promise<readonly Sent[]> {
    this.#stopped = true;
    return this.done();
  }

  /** Resolves when `more` messages have been acknowledged from now on. */
  async flows(more: number, limitMs = 60_000): Promise<void> {
    const wanted = this.sent.length + more;
    await Promise.race([
      this.#done,
      until(() => this.sent.length >= wanted, { limitMs, what: `${more} more acknowledged messages` }),
    ]);
  }

  async #send(sender: Actor, place: number): Promise<void> {
    const { count = Number.POSITIVE_INFINITY, rate, urls } = this.#options;
    for (let turn = place; !this.#stopped && this.#started < count; turn++) {
      const number = this.#started++;
      if (rate !== undefined) await pause(Math.max(0, this.#since + (number * 1000) / rate - performance.now()));
      await this.#deliver(sender, `message ${number} ${randomUUID()}`, turn % urls.length);
    }
  }

  async #deliver(sender: Actor, text: string, home: number): Promise<void> {
    const { urls, eventId } = this.#options;
    const sentAt = performance.now();
    const idempotencyKey = randomUUID();
    for (let attempts = 1; ; attempts++) {
      const startedAt = performance.now();
      const url = urls[(home + attempts - 1) % urls.length] ?? '';
      const answer = await sender
        .at(url)
        .post(sendDocument, { input: { eventId, text, idempotencyKey } })
        .catch(() => null);
      const result = answer?.data?.sendMessage;
      if (result?.sentMessage !== undefined) {
        const { sequence } = result.sentMessage;
        this.sent.push({ text, sequence, sentAt, acknowledgedAt: performance.now(), attempts });
        return;
      }
      const code = answer === null ? 'NETWORK' : String(result?.code ?? answer.errors?.[0]?.extensions?.code);
      if (code !== 'NETWORK' && code !== 'UNAVAILABLE') throw new Error(`sending failed: ${JSON.stringify(answer)}`);
      this.refusals.push({ code, at: startedAt, afterMs: performance.now() - startedAt });
      await pause(25);
    }
  }
}

/** From the sending of a message to its arrival at each of these subscribers, in ms; of those sent in the given span only. */
export function delays(
  sent: readonly Sent[],
  received: Iterable<readonly Received[]>,
  { from = 0, to = Number.POSITIVE_INFINITY } = {},
): number[] {
  const sentAt = new Map(
    sent.filter((one) => one.sentAt >= from && one.sentAt < to).map((one) => [one.text, one.sentAt]),
  );
  const result: number[] = [];
  for (const items of received) {
    for (const { text, at } of items) {
      const start = text === null ? undefined : sentAt.get(text);
      if (start !== undefined) result.push(at - start);
    }
  }
  return result;
}
