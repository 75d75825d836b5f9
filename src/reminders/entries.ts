import { fact } from '../feed/entry.ts';

/** In the own feed of whoever takes part. `eventId` is the raw id; `scheduledAt` an ISO 8601 instant. */
export const videoEventReminded = fact<{
  eventId: string;
  title: string;
  scheduledAt: string;
  minutesBefore: number;
}>()('VideoEventReminded');
