import type { InputIssue } from '../errors.ts';
import type { EventStatus } from '../generated/prisma/enums.ts';

/** What a host does to an event's status, from where, and where it leads. */
export const moves = {
  schedule: { from: ['DRAFT'], to: 'SCHEDULED' },
  start: { from: ['SCHEDULED'], to: 'LIVE' },
  interrupt: { from: ['LIVE'], to: 'INTERRUPTED' },
  resume: { from: ['INTERRUPTED'], to: 'LIVE' },
  end: { from: ['LIVE', 'INTERRUPTED'], to: 'ENDED' },
  cancel: { from: ['DRAFT', 'SCHEDULED'], to: 'CANCELLED' },
} as const satisfies Record<string, { from: readonly EventStatus[]; to: EventStatus }>;

export type Move = keyof typeof moves;

export function allows(status: EventStatus, move: Move): boolean {
  const from: readonly EventStatus[] = moves[move].from;
  return from.includes(status);
}

/** The show is over or will not be: nothing of it changes any more. */
export const isClosed = (status: EventStatus): boolean => status === 'ENDED' || status === 'CANCELLED';

/** On air, also while the picture is away. */
export const isOnAir = (status: EventStatus): boolean => status === 'LIVE' || status === 'INTERRUPTED';

/** People may take their places. */
export const isOpen = (status: EventStatus): boolean => status === 'SCHEDULED' || isOnAir(status);

/** What speaks against these changes in the event's present state. Absent fields do not change. */
export function changeIssues(
  event: { status: EventStatus; seatsTaken: number; seatsOffered: number },
  changes: { streamUrl?: string | null; scheduledAt?: Date; capacity?: number | null },
): InputIssue[] {
  const issues: InputIssue[] = [];
  if (isOnAir(event.status) && changes.streamUrl === null) {
    issues.push({ path: 'streamUrl', message: 'is required while the event is on air' });
  }
  if (isOnAir(event.status) && changes.scheduledAt !== undefined) {
    issues.push({ path: 'scheduledAt', message: 'cannot change once the event is on air' });
  }
  const inUse = event.seatsTaken + event.seatsOffered;
  if (typeof changes.capacity === 'number' && changes.capacity < inUse) {
    issues.push({ path: 'capacity', message: `must not be below the ${inUse} seats in use` });
  }
  return issues;
}
