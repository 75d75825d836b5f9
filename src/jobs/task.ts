import type { z } from 'zod';
import type { Transaction } from '../db/client.ts';
import type { Payload } from '../feed/entry.ts';
import type { Work } from '../feed/unit-of-work.ts';
import { newId } from '../ids.ts';

/** When a task is due, by the database's clock: at an instant, or so many ms from now. */
export type Due = { readonly at: Date } | { readonly inMs: number };

/** Work for later: `task('poll.close', z.object({ pollId: z.uuid() }))`. */
export interface Task<P extends Payload> {
  /**
   * Part of the caller's transaction: what is rolled back was never scheduled. Of one key there is one task at a time; a second
   * one changes nothing. Nobody takes a task back: one whose reason is gone when it is due finds nothing to do.
   */
  schedule(tx: Transaction, key: string, due: Due, payload: P): Promise<void>;
  /**
   * Part of a task's own transaction: what it is about to do does for those whose keys begin like this, due or not; they are taken
   * off the queue with it. Those that somebody is at stay.
   */
  absorb(tx: Transaction, prefix: string): Promise<void>;
  /** Says what is done when it is due. */
  doneBy(body: (work: Work, payload: P) => Promise<unknown>): Duty;
}

/** A kind of task together with what does it. */
export interface Duty {
  readonly kind: string;
  /** Part of a unit of work: what it does, the facts it states and that it was done are committed together. May run more than once. */
  run(work: Work, payload: unknown): Promise<void>;
}

export function task<P extends Payload>(kind: string, shape: z.ZodType<P>): Task<P> {
  return {
    async schedule(tx, key, due, payload) {
      const at = 'at' in due ? due.at : null;
      const inMs = 'inMs' in due ? due.inMs : 0;
      await tx.$executeRaw`
        INSERT INTO "Job" (id, kind, key, payload, "runAt", "createdAt")
        VALUES (${newId()}::uuid, ${kind}, ${key}, ${JSON.stringify(payload)}::jsonb,
          COALESCE(${at}::timestamptz, clock_timestamp() + make_interval(secs => ${inMs / 1000}::float8)), clock_timestamp())
        ON CONFLICT (kind, key) DO NOTHING`;
    },
    async absorb(tx, prefix) {
      await tx.$executeRaw`
        DELETE FROM "Job" WHERE id IN (
          SELECT id FROM "Job" WHERE kind = ${kind} AND starts_with(key, ${prefix}) FOR UPDATE SKIP LOCKED)`;
    },
    doneBy: (body) => ({
      kind,
      async run(work, payload) {
        await body(work, shape.parse(payload));
      },
    }),
  };
}
