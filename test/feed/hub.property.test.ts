import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeCursor } from '../../src/feed/cursor.ts';
import { readTop } from '../../src/feed/log.ts';
import type { FeedItem, Subscriber } from '../../src/feed/subscriber.ts';
import { until } from '../wait.ts';
import { type Instance, newFeed, said, useFeeds } from './feed-fixture.ts';
import { compare, flawless } from './reader.ts';

const fixture = useFeeds();
const instances = fc.nat(1);
const some = fc.nat(30);

type Step =
  | { type: 'write'; on: number; entries: number }
  | { type: 'rollback'; on: number }
  | { type: 'arrive' | 'repeat' | 'lose'; on: number; which: number }
  | { type: 'follow'; on: number }
  | { type: 'resume'; on: number; after: number }
  | { type: 'move'; on: number; which: number }
  | { type: 'read'; which: number; items: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('write'), on: instances, entries: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('rollback'), on: instances }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('arrive'), on: instances, which: some }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('repeat', 'lose'), on: instances, which: some }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('follow'), on: instances }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('resume'), on: instances, after: some }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('move'), on: instances, which: some }) },
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('read'), which: some, items: fc.integer({ min: 1, max: 12 }) }),
  },
);

/** A client: reads when it is told to, and keeps what it received however often it moved to another instance. */
class Client {
  readonly received: FeedItem[] = [];
  /** Null: from now, as of when the log's top was `since`. */
  readonly after: number | null;
  readonly since: number;
  #subscriber: Subscriber;
  #pending: Promise<void> | null = null;

  constructor(subscriber: Subscriber, { after, since }: { after: number | null; since: number }) {
    this.#subscriber = subscriber;
    this.after = after;
    this.since = since;
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
  }

  async close(): Promise<void> {
    await this.#subscriber.return();
    await this.#pending;
  }

  get sequences(): number[] {
    return this.received.map((item) => (item.type === 'entry' ? item.entry.sequence : -1));
  }
}

/** Two instances whose messages arrive when and as often as the steps say, and clients that come, lag and move. */
class World {
  readonly feed = newFeed();
  readonly #instances: Instance[];
  readonly #held: (() => void)[][] = [[], []];
  readonly #clients: Client[] = [];

  constructor() {
    this.#instances = [4, 9].map((tailSize) => fixture.instance({ tailSize }));
    this.#instances.forEach(({ side }, index) => {
      side.fate = (deliver) => this.#held[index]?.push(deliver);
    });
  }

  #on(index: number): Instance {
    const instance = this.#instances[index];
    if (instance === undefined) throw new Error(`no instance ${index}`);
    return instance;
  }

  async take(step: Step): Promise<void> {
    if (step.type === 'write')
      await this.#on(step.on).say(this.feed, ...Array.from({ length: step.entries }, () => 'x'));
    else if (step.type === 'rollback') await this.#rollback(step.on);
    else if (step.type === 'follow') await this.#follow(step.on, null);
    else if (step.type === 'resume') await this.#follow(step.on, step.after);
    else if (step.type === 'move') {
      const { hub } = this.#on(step.on);
      await this.#client(step.which)?.move((after) => hub.follow(this.feed, { after }));
    } else if (step.type === 'read') await this.#client(step.which)?.read(step.items);
    else this.#message(step);
  }

  #client(which: number): Client | undefined {
    return this.#clients[which % this.#clients.length];
  }

  #message({ type, on, which }: Extract<Step, { which: number; on: number }>): void {
    const held = this.#held[on] ?? [];
    const at = which % held.length;
    const deliver = held[at];
    if (deliver === undefined) return;
    if (type !== 'repeat') held.splice(at, 1);
    if (type !== 'lose') deliver();
  }

  async #rollback(on: number): Promise<void> {
    const work = this.#on(on).write(async ({ append }) =>
      append(this.feed, said.draft({ text: 'never' }), async () => {
        throw new Error('rolled back');
      }),
    );
    await expect(work).rejects.toThrow('rolled back');
  }

  async #follow(on: number, place: number | null): Promise<void> {
    const top = await readTop(fixture.db, this.feed);
    const after = place === null ? null : place % (top.sequence + 1);
    const cursor = after === null ? null : encodeCursor({ ...top, sequence: after });
    const subscriber = await this.#on(on).hub.follow(this.feed, { after: cursor });
    this.#clients.push(new Client(subscriber, { after, since: top.sequence }));
  }

  /** Whatever is still on its way is lost. Everybody reads to the end, and has what the log has. */
  async judge(): Promise<void> {
    const log = await fixture.log(this.feed);
    for (const client of this.#clients) {
      await until(
        async () => {
          await client.read(100);
          return (client.sequences.at(-1) ?? client.after ?? client.since) >= log.length;
        },
        { what: `entry ${log.length} to be read; received ${client.sequences}` },
      );
      await client.read(1);
      const { sequences } = client;
      // From now: an instance that has not heard of the latest entries may begin with these.
      const start = client.after ?? Math.min((sequences[0] ?? log.length + 1) - 1, client.since);
      expect(compare(log.slice(start), sequences)).toEqual(flawless);
      expect(sequences).toEqual(log.slice(start));
    }
  }

  async close(): Promise<void> {
    for (const client of this.#clients) await client.close();
    for (const { hub } of this.#instances) await hub.close();
  }
}

test('whatever is written, lost, repeated, reordered, left unread and resumed elsewhere: what is received is the log', async () => {
  let followed = 0;
  const run = fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }), async (steps) => {
    const world = new World();
    try {
      for (const step of steps) await world.take(step);
      await world.judge();
      followed += steps.filter(({ type }) => type === 'follow' || type === 'resume').length;
    } finally {
      await world.close();
    }
  });
  // A failure prints its seed and path; put them here to see it again.
  await fc.assert(run, { numRuns: 60, endOnFailure: true });
  console.log(`${followed} subscriptions received exactly the log`);
});
