import type { Db } from '../db/client.ts';
import { UnavailableError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Broker } from '../realtime/broker.ts';
import { decodeCursor } from './cursor.ts';
import { committedMessage, readCommitted } from './doorbell.ts';
import type { Audience } from './entry.ts';
import { FollowedFeed } from './followed-feed.ts';
import { readEntries, readTop, readTops } from './log.ts';
import { createPages } from './pages.ts';
import { Pass } from './pass.ts';
import { type ResetReason, Subscriber } from './subscriber.ts';
import type { Committed } from './unit-of-work.ts';

export interface FollowOptions {
  /** Continue after this cursor. Null: from now. */
  after?: string | null;
  /** @default everyone's entries */
  audiences?: ReadonlySet<Audience>;
  /** Only these kinds. Null: all. */
  kinds?: ReadonlySet<string> | null;
}

/** An instance's feeds in use. */
export interface Hub {
  /** Hands a commit to every instance, this one too. Never waits and never throws: the log heals what gets lost. */
  publish(committed: Committed): void;
  /**
   * A cursor over the feed's tail. Resolves when nothing committed from now on can be missed. The reader must call `return`.
   * Rejects when the log cannot be asked; throws UnavailableError once the hub is closed.
   */
  follow(feed: string, options?: FollowOptions): Promise<Subscriber>;
  /** What is in use now, for health, metrics and tests. */
  readonly stats: { feeds: number; subscribers: number; repairs: number; pageReads: number };
  /** Ends every subscriber and forgets every feed. */
  close(): Promise<void>;
}

export interface HubOptions {
  db: Db;
  broker: Broker;
  log: Log;
  /** Entries a feed's tail holds. @default 1024 */
  tailSize?: number;
  /**
   * How often the tops of the feeds in use are compared with the log, in ms. @default 750, and 250 while the broker is down.
   * A Redis that hangs is noticed after 2.5 s; until then an entry waits for the comparison, 50 ms for its message, a read of
   * the log and its delivery, together within a second.
   */
  checkMs?: { up: number; down: number };
  /** Readers that listen are told of entries at most this often, in ms; 0: of each. @default 20 */
  windowMs?: number;
  /** How long a feed without subscribers stays in use, in ms: clients that reconnect find it warm. @default 5000 */
  lingerMs?: number;
}

interface Use {
  feed: FollowedFeed;
  pass: Pass;
  subscribers: Set<Subscriber>;
  /** Those that are served in passes. The others are woken for every entry. */
  listeners: Set<Subscriber>;
  pullers: Set<Subscriber>;
  leave: () => Promise<void>;
  linger: NodeJS.Timeout | null;
}

const everyone: ReadonlySet<Audience> = new Set<Audience>(['everyone']);
const channel = (feed: string): string => `feed:${feed}`;
const closing = (): UnavailableError => new UnavailableError('This instance is closing; come back to another.');

export function createHub({
  db,
  broker,
  log,
  tailSize = 1024,
  checkMs = { up: 750, down: 250 },
  windowMs = 20,
  lingerMs = 5000,
}: HubOptions): Hub {
  const read = (feed: string, sequence: number, limit: number) => readEntries(db, feed, sequence, limit);
  const pages = createPages({ read, log });
  const uses = new Map<string, Promise<Use>>();
  const inUse = new Map<string, Use>();
  let closedRepairs = 0;
  let checking: Promise<void> | null = null;
  let checkAgain = false;
  let checkFailed = false;
  let closed = false;

  async function open(name: string): Promise<Use> {
    let take: (message: string) => void = () => {};
    const early: string[] = [];
    // Subscribed before the top is read: what is committed in between arrives on either way.
    const leave = await broker.subscribe(channel(name), (message) => {
      if (inUse.has(name)) take(message);
      // Bounded: what finds no room here is found by the position check.
      else if (early.length < tailSize) early.push(message);
    });
    try {
      const subscribers = new Set<Subscriber>();
      const listeners = new Set<Subscriber>();
      const pullers = new Set<Subscriber>();
      const feed = new FollowedFeed({
        top: await readTop(db, name),
        tailSize,
        read,
        log,
        onChange: ({ redacted }) => {
          if (redacted) {
            pages.forget(name);
            for (const subscriber of subscribers) subscriber.forgetPage();
          }
          // Whoever waits for one entry at a time gets it now: it may decide what the others get.
          for (const puller of pullers) puller.wake();
          pass.ring(feed.tail.last);
        },
      });
      const pass = new Pass(feed.tail.last, {
        run: () => {
          for (const listener of listeners) listener.wake();
        },
        windowMs,
        most: Math.ceil(tailSize / 4),
      });
      if (closed) throw closing();
      const use: Use = { feed, pass, subscribers, listeners, pullers, leave, linger: null };
      take = (message) => {
        const committed = readCommitted(message);
        if (committed !== null) feed.take(committed);
        else check();
      };
      inUse.set(name, use);
      early.forEach(take);
      return use;
    } catch (error) {
      await leave();
      throw error;
    }
  }

  function use(name: string): Promise<Use> {
    if (closed) return Promise.reject(closing());
    const known = uses.get(name);
    if (known !== undefined) return known;
    const opening = open(name);
    uses.set(name, opening);
    opening.catch(() => uses.delete(name));
    return opening;
  }

  function release(name: string, use: Use): void {
    if (use.subscribers.size > 0 || closed || inUse.get(name) !== use) return;
    if (use.linger !== null) clearTimeout(use.linger);
    use.linger = setTimeout(() => void drop(name, use), lingerMs).unref();
  }

  async function drop(name: string, use: Use): Promise<void> {
    if (use.linger !== null) clearTimeout(use.linger);
    closedRepairs += use.feed.repairs;
    use.feed.close();
    use.pass.close();
    uses.delete(name);
    inUse.delete(name);
    pages.forget(name);
    await use.leave();
  }

  /** Compares every feed in use with the log, one query for all; one comparison at a time, and one more after it. */
  function check(): void {
    if (inUse.size === 0 || closed) return;
    if (checking !== null) {
      // The log may have been asked before what is looked for was in it.
      checkAgain = true;
      return;
    }
    checking = compare()
      .then(
        () => {
          if (checkFailed) log.info('feeds are compared with the log again');
          checkFailed = false;
        },
        (error: unknown) => {
          if (!checkFailed && !closed) log.warn({ err: error }, 'feeds cannot be compared with the log; trying on');
          checkFailed = true;
        },
      )
      .finally(() => {
        checking = null;
        if (checkAgain) check();
      });
    checkAgain = false;
  }

  async function compare(): Promise<void> {
    const asked = new Map([...inUse].map(([name, { feed }]) => [name, { feed, last: feed.tail.last }]));
    for (const top of await readTops(db, [...asked.keys()])) {
      const about = asked.get(top.feed);
      about?.feed.check(top, about.last);
    }
  }

  /** Where a cursor leads, or why it leads nowhere. The log is asked only about a place the tail has not reached. */
  async function locate(feed: FollowedFeed, cursor: string): Promise<{ sequence: number; reset: ResetReason | null }> {
    const { epoch, last } = feed.tail;
    const position = decodeCursor(cursor);
    if (position === null) return { sequence: last, reset: 'MALFORMED_CURSOR' };
    if (position.feed !== feed.name) return { sequence: last, reset: 'FOREIGN_CURSOR' };
    if (position.epoch !== epoch) return { sequence: last, reset: 'OLD_EPOCH' };
    if (position.sequence > last && position.sequence > (await readTop(db, feed.name)).sequence) {
      return { sequence: last, reset: 'FOREIGN_CURSOR' };
    }
    if (position.sequence < feed.floor) return { sequence: last, reset: 'EXPIRED' };
    return { sequence: position.sequence, reset: null };
  }

  let ticks: NodeJS.Timeout | undefined;
  const schedule = (): void => {
    clearTimeout(ticks);
    ticks = setTimeout(tick, broker.state === 'down' ? checkMs.down : checkMs.up);
  };
  const tick = (): void => {
    if (checking === null) check();
    schedule();
  };
  schedule();
  const unlisten = broker.onChange(() => {
    check();
    // The pace is another one from now on, not from the next comparison on.
    schedule();
  });

  async function follow(name: string, options: FollowOptions): Promise<Subscriber> {
    const { after = null, audiences = everyone, kinds = null } = options;
    const opened = await use(name);
    const { tail } = opened.feed;
    const { life } = tail;
    try {
      const place = after === null ? { sequence: tail.last, reset: null } : await locate(opened.feed, after);
      // While the cursor was looked at, the feed may have gone unused for too long, or its log become another one.
      if (inUse.get(name) !== opened || tail.life !== life) return await follow(name, options);
      const onListen = (listener: Subscriber): void => {
        opened.pullers.delete(listener);
        opened.listeners.add(listener);
      };
      const onClose = (gone: Subscriber): void => {
        for (const set of [opened.subscribers, opened.listeners, opened.pullers]) set.delete(gone);
        release(name, opened);
      };
      const subscriber = new Subscriber({ feed: name, tail, pages, ...place, audiences, kinds, onListen, onClose });
      if (opened.linger !== null) clearTimeout(opened.linger);
      opened.subscribers.add(subscriber);
      opened.pullers.add(subscriber);
      return subscriber;
    } catch (error) {
      release(name, opened);
      throw error;
    }
  }

  return {
    publish(committed) {
      broker.publish(channel(committed.feed), committedMessage(committed));
    },
    follow: (name, options = {}) => follow(name, options),
    get stats() {
      let subscribers = 0;
      let repairs = closedRepairs;
      for (const use of inUse.values()) {
        subscribers += use.subscribers.size;
        repairs += use.feed.repairs;
      }
      return { feeds: inUse.size, subscribers, repairs, pageReads: pages.reads };
    },
    async close() {
      closed = true;
      clearTimeout(ticks);
      unlisten();
      for (const use of inUse.values()) for (const subscriber of [...use.subscribers]) await subscriber.return();
      await Promise.all([...inUse].map(([name, use]) => drop(name, use)));
      await checking;
    },
  };
}
