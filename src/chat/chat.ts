import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { visibleTo } from '../events/access.ts';
import type { Write } from '../feed/unit-of-work.ts';
import type { OnEngaged } from '../participation/engaged.ts';
import { type Message, messageColumns, messageOf } from './message.ts';
import { createPin, createUnpin } from './pin.ts';
import { createRemove } from './remove.ts';
import { createSend } from './send.ts';
import { createChangeSettings } from './settings.ts';

/** A stretch of an event's history, by places in its feed; both bounds are left out. */
export interface Stretch {
  after: number | null;
  before: number | null;
  limit: number;
  /** Newest first: for paging backwards. */
  inverted: boolean;
}

export type Chat = ReturnType<typeof createChat>;

export interface ChatDeps {
  write: Write;
  db: Db;
  onEngaged: OnEngaged;
  /** Messages committed together at most. @default 128 */
  largestBatch?: number;
  /** Told how many messages are committed together. */
  onBatch?: (size: number) => void;
}

export function createChat({ write, db, onEngaged, largestBatch, onBatch }: ChatDeps) {
  return {
    send: createSend(write, { onEngaged, largestBatch, onBatch }),
    remove: createRemove(write),
    pin: createPin(write),
    unpin: createUnpin(write),
    changeSettings: createChangeSettings(write),

    /** The messages with these ids, in their order; null where there is none or the viewer may not know of it. */
    async byIds(viewer: Viewer | null, ids: readonly string[]): Promise<(Message | null)[]> {
      const rows = await db.message.findMany({
        where: { id: { in: [...ids] }, event: visibleTo(viewer) },
        select: messageColumns,
      });
      const found = new Map(rows.map((row) => [row.id, messageOf(row)]));
      return ids.map((id) => found.get(id) ?? null);
    },

    /** An event's messages. The caller has the event from a read that the viewer was allowed. */
    async history(eventId: string, { after, before, limit, inverted }: Stretch): Promise<Message[]> {
      const rows = await db.message.findMany({
        where: { eventId, sequence: { gt: after ?? undefined, lt: before ?? undefined } },
        orderBy: { sequence: inverted ? 'desc' : 'asc' },
        take: limit,
        select: messageColumns,
      });
      return rows.map(messageOf);
    },

    /** How many messages an event has, removed ones included. */
    count: (eventId: string): Promise<number> => db.message.count({ where: { eventId } }),
  };
}
