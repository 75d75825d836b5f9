import type { EventStatus } from '../generated/prisma/enums.ts';

/** When messages are taken: from the announcement to the end. */
export const chatOpenIn = ['SCHEDULED', 'LIVE', 'INTERRUPTED'] as const satisfies readonly EventStatus[];

export const isChatOpen = (status: EventStatus): boolean => (chatOpenIn as readonly EventStatus[]).includes(status);

/** For so long an author may take a message back, in hours. */
export const authorRemovalHours = 6;

/** In unique mode a text may be said again after this, in ms. */
export const repeatAfterMs = 30_000;
