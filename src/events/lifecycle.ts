import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { InvalidInputError } from '../errors.ts';
import { feeds } from '../feed/entry.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import {
  type EventFact,
  eventDraft,
  snapshotQuery,
  videoEventAnnounced,
  videoEventCancelled,
  videoEventEnded,
  videoEventInterrupted,
  videoEventResumed,
  videoEventScheduled,
  videoEventWentLive,
} from './entries.ts';
import { IllegalTransitionError } from './errors.ts';
import { lockOwn } from './lock.ts';
import { allows, type Move, moves } from './rules.ts';

const facts: Record<Move, { event: EventFact; schedule: EventFact }> = {
  schedule: { event: videoEventScheduled, schedule: videoEventAnnounced },
  start: { event: videoEventWentLive, schedule: videoEventWentLive },
  interrupt: { event: videoEventInterrupted, schedule: videoEventInterrupted },
  resume: { event: videoEventResumed, schedule: videoEventResumed },
  end: { event: videoEventEnded, schedule: videoEventEnded },
  cancel: { event: videoEventCancelled, schedule: videoEventCancelled },
};

/** Moves an event to another status. Throws as `lockOwn`, and IllegalTransitionError, InvalidInputError (no stream to go live with). */
export type MoveEvent = (viewer: Viewer, eventId: string, move: Move) => Promise<{ eventId: string }>;

/** What other capabilities do in the same unit of work when an event moves: polls close when it ends. */
export interface EventHooks {
  /** It was scheduled, or its time changed. */
  readonly onScheduled: readonly EventHook[];
  /** It ended or was cancelled. */
  readonly onOver: readonly EventHook[];
}

export type EventHook = (work: Work, eventId: string) => Promise<unknown>;

export function createMoveEvent({ write, hooks }: { write: Write; hooks: EventHooks }): MoveEvent {
  return (viewer, eventId, move) =>
    write(async (work) => {
      await lockOwn(work.tx, viewer, eventId);
      if ((await compareAndSet(work.tx, eventId, move)) === 0) throw await refusal(work.tx, eventId, move);
      // What others state of the event's end precedes it: nothing of a show comes after it.
      if (move === 'end' || move === 'cancel') await call(hooks.onOver, work, eventId);
      await state(work, eventId, move);
      if (move === 'schedule') await call(hooks.onScheduled, work, eventId);
      return { eventId };
    });
}

export async function call(hooks: readonly EventHook[], work: Work, eventId: string): Promise<void> {
  for (const hook of hooks) await hook(work, eventId);
}

/** 0: the event was not in a status to move from, or has no stream to go live with. */
function compareAndSet(tx: Transaction, eventId: string, move: Move): Promise<number> {
  const { from, to } = moves[move];
  // What is cancelled before it was published stays unknown to the public: it becomes private.
  return tx.$executeRaw`
    UPDATE "VideoEvent" SET
      status = ${to}::"EventStatus",
      visibility = CASE WHEN status = 'DRAFT' AND ${to} = 'CANCELLED' THEN 'PRIVATE' ELSE visibility END,
      "startedAt" = CASE WHEN ${to} = 'LIVE' THEN COALESCE("startedAt", clock_timestamp()) ELSE "startedAt" END,
      "endedAt" = CASE WHEN ${to} = 'ENDED' THEN clock_timestamp() END,
      "updatedAt" = clock_timestamp()
    WHERE id = ${eventId}::uuid AND status::text = ANY(${[...from]}) AND (${to} <> 'LIVE' OR "streamUrl" IS NOT NULL)`;
}

async function refusal(tx: Transaction, eventId: string, move: Move): Promise<Error> {
  const { status } = await tx.videoEvent.findUniqueOrThrow({ where: { id: eventId }, select: { status: true } });
  if (!allows(status, move)) return new IllegalTransitionError(status);
  return new InvalidInputError([{ path: 'streamUrl', message: 'is required before the event goes live' }]);
}

async function state({ tx, append }: Work, eventId: string, move: Move): Promise<void> {
  const event = await tx.videoEvent.findUniqueOrThrow({ where: { id: eventId }, ...snapshotQuery });
  const about = move === 'start' ? ({ startsClock: true } as const) : {};
  append(feeds.event(eventId), eventDraft(facts[move].event, event, about));
  if (event.visibility === 'PUBLIC') append(feeds.schedule, eventDraft(facts[move].schedule, event));
}
