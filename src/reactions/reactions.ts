import { z } from 'zod';
import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { emojiIn } from '../emoji.ts';
import type { EventHook } from '../events/lifecycle.ts';
import { lockRow } from '../events/lock.ts';
import { Batch } from '../feed/batch.ts';
import { feeds } from '../feed/entry.ts';
import { createGroupCommit } from '../feed/group-commit.ts';
import { idempotencyKey } from '../feed/idempotency.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { newId } from '../ids.ts';
import { parseInput } from '../input.ts';
import { type Duty, task } from '../jobs/task.ts';
import type { OnEngaged } from '../participation/engaged.ts';
import { reactionsCounted } from './entries.ts';
import { type Reacting, reactTogether } from './react-together.ts';
import { mostTaps } from './rules.ts';
import { type ReactionTally, readTallies, takeUnstated } from './tallies.ts';

const reactInput = z
  .object({
    eventId: z.uuid(),
    emoji: z.string().transform((text) => emojiIn(text) ?? text),
    count: z.nullish(z.int().min(1).max(mostTaps)).transform((count) => count ?? 1),
  })
  .and(idempotencyKey);
export type ReactInput = z.input<typeof reactInput>;

/** What was counted. */
export interface Reacted {
  readonly eventId: string;
  readonly emoji: string;
  readonly count: number;
}

/** Applause and laughter: too much to be shown singly, and every one counted. */
export interface Reactions {
  /**
   * Logs a reaction and adds it to the event's tally, in one transaction with those that arrive meanwhile. Resolves when they are
   * committed. Throws NotFoundError, EventNotOpenError, NotParticipantError, SanctionedError, ReactionNotAllowedError,
   * InvalidInputError, IdempotencyConflictError; UnavailableError when too many wait.
   */
  react(viewer: Viewer, input: ReactInput): Promise<Reacted>;
  /** The tallies of each of these events. Those without any are left out. */
  tallies(eventIds: readonly string[]): Promise<Map<string, ReactionTally[]>>;
  /** The event is over: what its feed has not told of yet is told. */
  readonly onOver: EventHook;
  /** Tells an event's feed what was counted since it was told last. */
  readonly counting: Duty;
}

export interface ReactionsDeps {
  write: Write;
  db: Db;
  /** Told of an event whose tallies changed, once that is committed. */
  onReacted: (eventId: string) => void;
  onEngaged: OnEngaged;
  /** Reactions committed together at most. @default 512 */
  largestBatch?: number;
}

/** From the first reaction that the feed has not told of to its telling, in ms: so it tells once a second. */
const countEveryMs = 1000;
const count = task('reactions.count', z.object({ eventId: z.uuid() }));

export function createReactions({ write, db, onReacted, onEngaged, largestBatch = 512 }: ReactionsDeps): Reactions {
  const submit = createGroupCommit<Reacting, string>({
    largest: largestBatch,
    // Each is small, and a burst is what this is for.
    waiting: 8192,
    commit: (eventId, reactings) =>
      write(async (work) => {
        const { tx, afterCommit } = work;
        const batch = new Batch(reactings);
        const added = await reactTogether(work, eventId, { batch, onEngaged });
        // Otherwise it is scheduled already. The duty takes the event's lock, too: it counts what is added here, or comes after.
        if (added?.isFirst) await count.schedule(tx, eventId, { inMs: countEveryMs }, { eventId });
        if (added !== null) afterCommit(() => onReacted(eventId));
        return batch.verdicts();
      }),
  });

  /** The caller has locked the event's row. */
  const state: EventHook = async ({ tx, append }, eventId) => {
    const tallies = await takeUnstated(tx, eventId);
    if (tallies.length > 0) append(feeds.event(eventId), reactionsCounted.draft({ tallies }));
  };

  return {
    async react(viewer, raw) {
      const { idempotencyKey: key, ...input } = parseInput(reactInput, raw);
      await submit(input.eventId, { ...input, viewer, key, engagementId: newId() });
      return input;
    },
    tallies: (eventIds) => readTallies(db, eventIds),
    onOver: state,
    counting: count.doneBy(async (work, { eventId }) => {
      await lockRow(work.tx, eventId);
      await state(work, eventId);
    }),
  };
}
