import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeCursor } from '../../src/feed/cursor.ts';
import { type Audience, type EntryDraft, feeds } from '../../src/feed/entry.ts';
import { readTop, type Top } from '../../src/feed/log.ts';
import { pruneFeed } from '../../src/feed/retention.ts';
import type { FeedItem, Subscriber } from '../../src/feed/subscriber.ts';
import { soak } from '../soak.ts';
import { until } from '../wait.ts';
import { type Instance, said, useFeeds } from './feed-fixture.ts';
import { History, type Wanted } from './history.ts';
import { lost } from './network.ts';

/** OVATION_RUNS: another number, to run a long soak in parts. */
const runs = Number(process.env.OVATION_RUNS ?? (soak ? 10_000 : 400));
/** Runs at a time: most of a run is waiting. */
const lanes = 12;

const fixture = useFeeds();
const instances = fc.nat(1);
const some = fc.nat(30);
/** Each number is an entry: bit 0 for moderators, bit 1 of another kind. */
const entries = (minLength: number, maxLength: number) => fc.array(fc.nat(3), { minLength, maxLength });

type Step =
  | { type: 'write'; on: number; entries: number[] }
  | { type: 'rollback'; on: number }
  | { type: 'check'; on: number }
  | { type: 'arrive' | 'repeat' | 'lose'; on: number; which: number }
  | { type: 'follow'; on: number; wants: number }
  | { type: 'resume'; on: number; after: number; wants: number }
  | { type: 'move'; on: number; which: number }
  | { type: 'read'; which: number; items: number }
  | { type: 'prune'; keep: number }
  | { type: 'restore'; to: number };

const weighted = <const T extends string, M extends object>(
  weight: number,
  type: T,
  more: { [K in keyof M]: fc.Arbitrary<M[K]> },
) => ({ weight, arbitrary: fc.record<M>(more).map((rest) => ({ type, ...rest })) });
const step: fc.Arbitrary<Step> = fc.oneof(
  weighted(10, 'write', { on: instances, entries: entries(1, 4) }),
  // More than a tail holds: who does not read meanwhile falls behind.
  weighted(2, 'write', { on: instances, entries: entries(10, 25) }),
  weighted(2, 'rollback', { on: instances }),
  weighted(12, 'arrive', { on: instances, which: some }),
  weighted(2, 'repeat', { on: instances, which: some }),
  weighted(2, 'lose', { on: instances, which: some }),
  weighted(2, 'check', { on: instances }),
  weighted(4, 'follow', { on: instances, wants: fc.nat(3) }),
  weighted(4, 'resume', { on: instances, after: some, wants: fc.nat(3) }),
  weighted(4, 'move', { on: instances, which: some }),
  weighted(10, 'read', { which: some, items: fc.integer({ min: 1, max: 12 }) }),
  weighted(2, 'prune', { keep: fc.integer({ min: 1, max: 12 }) }),
  weighted(1, 'restore', { to: some }),
);

/** A client: reads when it is told to, and keeps what it received however often it moved to another instance. */
class Client {
  readonly received: FeedItem[] = [];
  readonly wanted: Wanted;
  #subscriber: Subscriber;
  #pending: Promise<void> | null = null;

  constructor(subscriber: Subscriber, wanted: Wanted) {
    this.#subscriber = subscriber;
    this.wanted = wanted;
  }

  /** Up to so many items, as far as they can be had within a turn of the event loop. */
  async read(items: number): Promise<void> {
    for (let n = 0; n < items; n++) {
      const before = this.received.length;
      this.#pending ??= this.#take();
      await Promise.race([this.#pending, new Promise<void>((resolve) => setImmediate(resolve))]);
      if (this.received.length === before) return;
    }
  }

  async #take(): Promise<void> {
    const { done, value } = await this.#subscriber.next();
    if (!done) this.received.push(value);
    this.#pending = null;
  }

  async move(follow: (after: string) => Promise<Subscriber>): Promise<void> {
    // Who has received nothing has no cursor yet.
    if (this.received.length === 0) return;
    await this.close();
    const last = this.received.at(-1);
    if (last?.type === 'entry') this.#subscriber = await follow(encodeCursor({ ...last.entry, epoch: last.epoch }));
    else if (last?.type === 'reset') this.#subscriber = await follow(encodeCursor(last));
  }

  async close(): Promise<void> {
    await this.#subscriber.return();
    await this.#pending;
  }
}

/** What all runs together met: whether they went where they should. */
const met = { subscriptions: 0, received: 0, resets: 0 };

/** Two instances whose messages arrive when and as often as the steps say, and clients that come, lag and move. */
class World {
  /** Of a kind that loses entries one by one. */
  readonly #feed = feeds.user(randomUUID());
  readonly #history = new History();
  readonly #instances: readonly Instance[];
  readonly #held: (() => void)[][] = [[], []];
  readonly #clients: Client[] = [];
  #texts = 0;

  constructor(instances: readonly Instance[]) {
    this.#instances = instances;
    instances.forEach(({ side }, index) => {
      side.fate = (deliver, message) => {
        if (message.includes(this.#feed)) this.#held[index]?.push(deliver);
      };
    });
  }

  #on(index: number): Instance {
    const instance = this.#instances[index];
    if (instance === undefined) throw new Error(`no instance ${index}`);
    return instance;
  }

  async take(step: Step): Promise<void> {
    if (step.type === 'write') await this.#on(step.on).say(this.#feed, ...step.entries.map((one) => this.#draft(one)));
    else if (step.type === 'rollback') await this.#rollback(step.on);
    else if (step.type === 'check') this.#on(step.on).side.change('gap');
    else if (step.type === 'follow') await this.#follow(step.on, null, step.wants);
    else if (step.type === 'resume') await this.#follow(step.on, step.after, step.wants);
    else if (step.type === 'move') {
      const client = this.#client(step.which);
      await client?.move((after) => this.#on(step.on).hub.follow(this.#feed, { ...client.wanted, after }));
    } else if (step.type === 'read') await this.#client(step.which)?.read(step.items);
    else if (step.type === 'prune') await this.#prune(step.keep);
    else if (step.type === 'restore') await this.#restore(step.to);
    else this.#message(step);
  }

  #draft(bits: number): EntryDraft {
    const draft = said.draft({ text: `${this.#texts++}` }, { audience: (bits & 1) === 0 ? 'everyone' : 'moderators' });
    return (bits & 2) === 0 ? draft : { ...draft, kind: 'Noted' };
  }

  #client(which: number): Client | undefined {
    return this.#clients[which % this.#clients.length];
  }

  #message({ type, on, which }: Extract<Step, { type: 'arrive' | 'repeat' | 'lose' }>): void {
    const held = this.#held[on] ?? [];
    const at = which % held.length;
    const deliver = held[at];
    if (deliver === undefined) return;
    if (type !== 'repeat') held.splice(at, 1);
    if (type !== 'lose') deliver();
  }

  async #rollback(on: number): Promise<void> {
    const work = this.#on(on).write(async ({ append }) =>
      append(this.#feed, said.draft({ text: 'never' }), async () => {
        throw new Error('rolled back');
      }),
    );
    await expect(work).rejects.toThrow('rolled back');
  }

  async #follow(on: number, place: number | null, wants: number): Promise<void> {
    const top = await this.#learn();
    const after = place === null ? null : place % (top.sequence + 1);
    const cursor = after === null ? null : encodeCursor({ ...top, sequence: after });
    const audiences = new Set<Audience>((wants & 1) === 0 ? ['everyone'] : ['everyone', 'moderators']);
    const kinds = (wants & 2) === 0 ? null : new Set([said.kind]);
    const subscriber = await this.#on(on).hub.follow(this.#feed, { after: cursor, audiences, kinds });
    this.#clients.push(new Client(subscriber, { audiences, kinds, after, since: top.sequence, epoch: top.epoch }));
    met.subscriptions++;
  }

  /** As retention does it, with a number of entries that makes it bite. */
  async #prune(keep: number): Promise<void> {
    await this.#learn();
    await pruneFeed(fixture.db, this.#feed, { days: 90, entries: keep });
    await this.#learn();
  }

  /** The log is one of some time ago again, as a backup had it: a new epoch. */
  async #restore(to: number): Promise<void> {
    const { sequence, floor } = await this.#learn();
    const top = sequence === 0 ? 0 : floor + 1 + (to % (sequence - floor));
    await fixture.db.$transaction([
      fixture.db
        .$executeRaw`UPDATE "Feed" SET epoch = ${randomUUID().slice(24)}, top = ${top} WHERE name = ${this.#feed}`,
      fixture.db.$executeRaw`DELETE FROM "FeedEntry" WHERE feed = ${this.#feed} AND sequence > ${top}`,
    ]);
    await this.#learn();
  }

  async #learn(): Promise<Top> {
    const top = await readTop(fixture.db, this.#feed);
    this.#history.learn(top, await fixture.entries(this.#feed));
    return top;
  }

  /** Whatever is still on its way is lost. Everybody reads to the end, and has what the log has. */
  async judge(): Promise<void> {
    await this.#learn();
    for (const { side } of this.#instances) side.change('gap');
    for (const client of this.#clients) {
      const { received, wanted } = client;
      const atEnd = async () => {
        await client.read(100);
        return this.#history.isEnd(this.#history.follow(received, wanted), wanted);
      };
      await until(atEnd, { what: `the end of ${this.#history}; received ${JSON.stringify(received)}` });
      await client.read(1);
      const { resets } = this.#history.follow(received, wanted);
      met.received += received.length - resets;
      met.resets += resets;
    }
  }

  async close(): Promise<void> {
    for (const { side } of this.#instances) side.fate = lost;
    for (const client of this.#clients) await client.close();
  }
}

/** Runs one world after the other on two instances of its own. */
async function runLane(numRuns: number): Promise<void> {
  // The position check is a step of its own, so that it has no time of its own.
  const options = { checkMs: { up: 1000, down: 1000 }, lingerMs: 5 };
  const both = [4, 9].map((tailSize) => fixture.instance({ ...options, tailSize }));
  const run = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }), async (steps) => {
    const world = new World(both);
    try {
      for (const step of steps) await world.take(step);
      await world.judge();
    } finally {
      await world.close();
    }
  });
  // A failure prints its seed and path; put them here to see it again.
  await fc.assert(run, { numRuns, endOnFailure: true });
}

test('whatever is written, lost, repeated, reordered, left unread, pruned, restored and resumed elsewhere: what is received is the log', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: lanes }, () => runLane(Math.ceil(runs / lanes))));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  console.log(
    `${lanes * Math.ceil(runs / lanes)} runs: ${met.subscriptions} subscriptions received ${met.received} entries and ` +
      `${met.resets} resets, exactly as the log has it`,
  );
  expect(Math.min(met.received, met.resets)).toBeGreaterThan(0);
}, 600_000);
