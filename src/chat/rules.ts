import type { EventStatus } from '../generated/prisma/enums.ts';

/** When messages are taken: from the announcement to the end. */
export const chatOpenIn = ['SCHEDULED', 'LIVE', 'INTERRUPTED'] as const satisfies readonly EventStatus[];

export const isChatOpen = (status: EventStatus): boolean => (chatOpenIn as readonly EventStatus[]).includes(status);

/** For so long an author may take a message back, in hours. */
export const authorRemovalHours = 6;

interface SlowModeFacts {
  /** Milliseconds since 1970, as are all times here. Null: no message yet. */
  lastSentAt: number | null;
  intervalMs: number;
  now: number;
}

/** Milliseconds until the next message is taken; 0: now. */
export function slowModeWait({ lastSentAt, intervalMs, now }: SlowModeFacts): number {
  if (lastSentAt === null) return 0;
  return Math.max(0, lastSentAt + intervalMs - now);
}
