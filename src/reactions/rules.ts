import { isOnAir } from '../events/rules.ts';
import type { EventStatus } from '../generated/prisma/enums.ts';

/** Taps that a client may send as one reaction. */
export const mostTaps = 10;

/** When reactions are taken: while there is something to react to, also while the picture is away. */
export const takesReactions = (status: EventStatus): boolean => isOnAir(status);
