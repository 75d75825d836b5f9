import { UnavailableError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Broker } from '../realtime/broker.ts';
import { createBell } from './bell.ts';
import { PulseFollower } from './follower.ts';
import type { Pulse, PulsePart } from './part.ts';

/**
 * The pulses of the events that are followed on this instance. A change is told by name only; what it came to is read from the
 * database, for all events together, so a lost or repeated message changes nothing and no count can drift.
 */
export interface Pulses<Values> {
  /** After a commit that changed this part of the event: tells every instance. Never waits and never throws. */
  touch(eventId: string, part: keyof Values & string): void;
  /** The event's pulse now, and whenever it changes, at most once in a beat. Throws UnavailableError once closed. */
  follow(eventId: string): Promise<PulseFollower<Values>>;
  readonly stats: { readonly events: number; readonly followers: number };
  /** Ends every follower. */
  close(): Promise<void>;
}

export interface PulsesDeps<Values> {
  parts: { readonly [Part in keyof Values]: PulsePart<Values[Part]> };
  broker: Broker;
  log: Log;
  /** Time between two reads, in ms: an event's pulse changes so often at most. @default 250 */
  beatMs?: number;
  /** Everything is read again after this, in ms, whether a change was told or not. @default 4000: a lease of 30 s has ended within 35 */
  healMs?: number;
}

/** An event that somebody follows. */
interface Watched<Values> {
  readonly eventId: string;
  readonly followers: Set<PulseFollower<Values>>;
  readonly stale: Set<keyof Values>;
  /** What was read of it so far. */
  readonly known: Partial<Values>;
  /** When it was last looked at. */
  readAt: number;
  readonly subscribed: Promise<() => Promise<void>>;
  pulse: Pulse<Values> | null;
}

const channel = (eventId: string): string => `pulse:${eventId}`;

export function createPulses<Values extends object>({
  parts,
  broker,
  log,
  beatMs = 250,
  healMs = 4000,
}: PulsesDeps<Values>): Pulses<Values> {
  const names = Object.keys(parts) as (keyof Values & string)[];
  const watchedEvents = new Map<string, Watched<Values>>();
  /** Those whose first reading waits for nothing. */
  const unread = new Set<Watched<Values>>();
  const bell = createBell(broker);
  let lastBeat = Number.NEGATIVE_INFINITY;
  let beating: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let failing = false;
  let closed = false;

  const healing = setInterval(() => refreshAll(watchedEvents.values()), healMs).unref();

  function mark(eventId: string, part: string): void {
    const name = names.find((known) => known === part);
    const watched = watchedEvents.get(eventId);
    if (name === undefined || watched === undefined) return;
    watched.stale.add(name);
    schedule();
  }

  function schedule(): void {
    if (beating !== null || closed || (timer !== null && unread.size === 0)) return;
    if (timer !== null) clearTimeout(timer);
    const rest = unread.size > 0 ? 0 : Math.max(0, lastBeat + beatMs - performance.now());
    timer = setTimeout(() => {
      timer = null;
      beating = beat().finally(() => {
        beating = null;
        if ([...watchedEvents.values()].some(({ stale }) => stale.size > 0)) schedule();
      });
    }, rest);
  }

  /** What is to be read now: only what is new, between two beats. */
  function takeDue(now: number): Watched<Values>[] {
    const isBeat = now >= lastBeat + beatMs - 1;
    if (isBeat) lastBeat = now;
    // Whoever came between two beats was told then, and waits for the next but one.
    const due = [...(isBeat ? watchedEvents.values() : unread)].filter(
      (watched) => unread.has(watched) || watched.readAt <= now - beatMs + 1,
    );
    unread.clear();
    for (const watched of due) watched.readAt = now;
    return due;
  }

  async function beat(): Promise<void> {
    const all = takeDue(performance.now());
    const results = await Promise.allSettled(names.map((name) => refresh(name, all)));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure !== undefined && !failing && !closed) {
      log.warn({ err: failure.reason }, "events' pulses cannot be read; trying on");
    }
    if (failure === undefined && failing) log.info("events' pulses are read again");
    failing = failure !== undefined;
    for (const watched of watchedEvents.values()) tell(watched);
  }

  /** Reads one part of all these events where it may have changed, in one query. */
  async function refresh<Part extends keyof Values>(name: Part, all: readonly Watched<Values>[]): Promise<void> {
    const due = all.filter(({ stale }) => stale.has(name));
    if (due.length === 0) return;
    // Before it is read: what changes meanwhile is read again.
    for (const { stale } of due) stale.delete(name);
    try {
      const found = await parts[name].read(due.map(({ eventId }) => eventId));
      for (const { eventId, known } of due) known[name] = found.get(eventId) ?? parts[name].none;
    } catch (error) {
      for (const { stale } of due) stale.add(name);
      throw error;
    }
  }

  function tell(watched: Watched<Values>): void {
    const { eventId, known, followers, pulse } = watched;
    if (!isComplete(known)) return;
    if (pulse !== null && JSON.stringify(pulse.values) === JSON.stringify(known)) return;
    watched.pulse = { eventId, values: { ...known } };
    for (const follower of followers) follower.wake();
  }

  const isComplete = (known: Partial<Values>): known is Values => names.every((name) => name in known);

  function watch(eventId: string): Watched<Values> {
    const known = watchedEvents.get(eventId);
    if (known !== undefined) return known;
    const watched: Watched<Values> = {
      eventId,
      followers: new Set(),
      stale: new Set(),
      known: {},
      readAt: Number.NEGATIVE_INFINITY,
      subscribed: broker.subscribe(channel(eventId), (part) => mark(eventId, part)),
      pulse: null,
    };
    watchedEvents.set(eventId, watched);
    // Read when changes are heard of, not before.
    watched.subscribed.then(
      () => {
        if (watchedEvents.get(eventId) === watched) unread.add(watched);
        refreshAll([watched]);
      },
      () => {},
    );
    return watched;
  }

  function refreshAll(some: Iterable<Watched<Values>>): void {
    for (const { stale } of some) for (const name of names) stale.add(name);
    schedule();
  }

  function leave(watched: Watched<Values>, follower: PulseFollower<Values>): void {
    watched.followers.delete(follower);
    if (watched.followers.size > 0 || watchedEvents.get(watched.eventId) !== watched) return;
    watchedEvents.delete(watched.eventId);
    unread.delete(watched);
    watched.subscribed.then(
      (unsubscribe) => unsubscribe(),
      () => {},
    );
  }

  return {
    touch(eventId, part) {
      if (closed) return;
      // Here at once, whatever the broker does.
      mark(eventId, part);
      bell.ring(channel(eventId), part);
    },
    async follow(eventId) {
      if (closed) throw new UnavailableError('This instance is closing; come back to another.');
      const watched = watch(eventId);
      const follower = new PulseFollower<Values>(channel(eventId), () => watched.pulse);
      watched.followers.add(follower);
      follower.onClosed(() => leave(watched, follower));
      try {
        await watched.subscribed;
      } catch (error) {
        await follower.return();
        throw error;
      }
      return follower;
    },
    get stats() {
      let followers = 0;
      for (const watched of watchedEvents.values()) followers += watched.followers.size;
      return { events: watchedEvents.size, followers };
    },
    async close() {
      closed = true;
      clearInterval(healing);
      if (timer !== null) clearTimeout(timer);
      bell.close();
      for (const { followers } of watchedEvents.values())
        for (const follower of [...followers]) await follower.return();
      await beating;
    },
  };
}
