import { fact } from '../feed/entry.ts';

/** In the own feed of whoever waited. `eventId` is the raw id; `offeredUntil` an ISO 8601 instant. */
export const seatOffered = fact<{ eventId: string; title: string; offeredUntil: string }>()('SeatOffered');
