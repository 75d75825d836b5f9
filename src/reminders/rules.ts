/** How long before an event its participants are reminded of it, in minutes, the first one first. */
export const reminderMinutes = [24 * 60, 60, 5] as const;

const minuteMs = 60_000;

/** When each reminder of an event that is scheduled for then is due, in ms since 1970; those whose time is past are left out. */
export function remindersAhead(scheduledAt: number, now: number): { minutesBefore: number; at: number }[] {
  return reminderMinutes
    .map((minutesBefore) => ({ minutesBefore, at: scheduledAt - minutesBefore * minuteMs }))
    .filter(({ at }) => at > now);
}

/** Nobody was there to send it in time, and now the next one is due, or the event: it would only confuse. All in ms since 1970. */
export function isBelated(minutesBefore: number, { scheduledAt, now }: { scheduledAt: number; now: number }): boolean {
  const next = reminderMinutes.find((minutes) => minutes < minutesBefore) ?? 0;
  return now >= scheduledAt - next * minuteMs;
}
