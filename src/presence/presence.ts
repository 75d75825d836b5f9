import type { Db } from '../db/client.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { newId } from '../ids.ts';
import type { Round } from '../jobs/jobs.ts';
import type { Log } from '../log.ts';
import {
  addPresent,
  countPresent,
  forgetInstances,
  leaseMs,
  type Present,
  removePresent,
  renewLease,
} from './leases.ts';

/** Who is here: participants with a subscription on their event. */
export interface Presence {
  /**
   * The participant is present until the returned function is called, and a few seconds longer: who reconnects was never away. A
   * participant with three subscriptions is present once.
   */
  attend(eventId: string, participantId: string): () => void;
  /** How many are present in each of these events. Those without any are left out. */
  count(eventIds: readonly string[]): Promise<Map<string, number>>;
  /** The participants who are present now. */
  here(): Prisma.ParticipantWhereInput;
  /** What deletes the leftovers of instances that are gone. */
  readonly sweep: Round;
  /** Tells what is left to tell, and leaves those who were here a short lease: they are on their way to another instance. */
  close(): Promise<void>;
}

export interface PresenceDeps {
  db: Db;
  /** The database's clock, in ms since 1970. */
  now: () => number;
  log: Log;
  /** Told of events where somebody came or left, once that is committed. */
  onChange: (eventId: string) => void;
  /** How long somebody stays present after the last subscription ended, in ms. @default 5000 */
  lingerMs?: number;
}

/** How often arrivals and departures are written down together, in ms. */
const writeEveryMs = 250;
const renewEveryMs = 10_000;
/** What clients of an instance that is drained get to come back elsewhere, in ms. */
const lastLeaseMs = 10_000;

interface Attendance extends Present {
  subscriptions: number;
  leaving: NodeJS.Timeout | null;
}

export function createPresence({ db, now, log, onChange, lingerMs = 5000 }: PresenceDeps): Presence {
  const instanceId = newId();
  const here = new Map<string, Attendance>();
  /** Who came or left since it was last written down. What holds now is decided by `here`. */
  let changed = new Map<string, Present>();
  let leased = false;
  let renewAt = 0;
  let writing: Promise<void> | null = null;
  let failing = false;
  let closed = false;

  const timer = setInterval(() => {
    writing ??= write()
      .then(
        () => {
          if (failing) log.info('who is present is written down again');
          failing = false;
        },
        (error: unknown) => {
          if (!failing && !closed) log.warn({ err: error }, 'who is present cannot be written down; trying on');
          failing = true;
        },
      )
      .finally(() => {
        writing = null;
      });
  }, writeEveryMs).unref();

  async function write(): Promise<void> {
    if (!leased && here.size === 0) return;
    if (performance.now() >= renewAt) await renew();
    const batch = changed;
    changed = new Map();
    try {
      const all = [...batch.values()];
      await addPresent(
        db,
        instanceId,
        all.filter(({ participantId }) => here.has(participantId)),
      );
      await removePresent(
        db,
        instanceId,
        all.filter(({ participantId }) => !here.has(participantId)),
      );
    } catch (error) {
      changed = new Map([...batch, ...changed]);
      throw error;
    }
    for (const eventId of new Set([...batch.values()].map((present) => present.eventId))) onChange(eventId);
  }

  async function renew(): Promise<void> {
    const known = await renewLease(db, instanceId, leaseMs);
    // It was taken for dead, or is new: all who are here have to be told of.
    if (!known) for (const present of here.values()) mark(present);
    leased = true;
    renewAt = performance.now() + renewEveryMs;
  }

  const mark = ({ eventId, participantId }: Present): void =>
    void changed.set(participantId, { eventId, participantId });

  function leave(attendance: Attendance): void {
    attendance.subscriptions--;
    if (attendance.subscriptions > 0 || closed) return;
    attendance.leaving = setTimeout(() => {
      here.delete(attendance.participantId);
      mark(attendance);
    }, lingerMs).unref();
  }

  return {
    attend(eventId, participantId) {
      const known = here.get(participantId);
      const attendance = known ?? { eventId, participantId, subscriptions: 0, leaving: null };
      if (known === undefined) {
        here.set(participantId, attendance);
        mark(attendance);
      }
      if (attendance.leaving !== null) clearTimeout(attendance.leaving);
      attendance.leaving = null;
      attendance.subscriptions++;
      let left = false;
      return () => {
        if (!left) leave(attendance);
        left = true;
      };
    },
    count: (eventIds) => countPresent(db, eventIds),
    here: () => ({ presences: { some: { instance: { expiresAt: { gt: new Date(now()) } } } } }),
    sweep: { name: 'presence.sweep', everyMs: 60_000, run: () => forgetInstances(db) },
    async close() {
      closed = true;
      clearInterval(timer);
      for (const { leaving } of here.values()) if (leaving !== null) clearTimeout(leaving);
      await writing;
      if (leased) await renewLease(db, instanceId, lastLeaseMs);
    },
  };
}
