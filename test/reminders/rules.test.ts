import { expect, test } from 'vitest';
import { isBelated, remindersAhead } from '../../src/reminders/rules.ts';

const minute = 60_000;
const scheduledAt = Date.parse('2030-05-17T20:00:00Z');

test('a day, an hour and five minutes before; what is past is left out', () => {
  const ahead = (minutes: number) =>
    remindersAhead(scheduledAt, scheduledAt - minutes * minute).map(({ minutesBefore }) => minutesBefore);
  expect(ahead(3000)).toEqual([1440, 60, 5]);
  expect(ahead(1440)).toEqual([60, 5]);
  expect(ahead(30)).toEqual([5]);
  expect(ahead(3)).toEqual([]);
  expect(ahead(-10)).toEqual([]);
  expect(remindersAhead(scheduledAt, scheduledAt - 30 * minute)).toEqual([
    { minutesBefore: 5, at: scheduledAt - 5 * minute },
  ]);
});

test('a reminder is belated when the next one is due, the last one when the event is', () => {
  const belated = (minutesBefore: number, minutesLeft: number) =>
    isBelated(minutesBefore, { scheduledAt, now: scheduledAt - minutesLeft * minute });
  expect([belated(1440, 1440), belated(1440, 61), belated(1440, 60)]).toEqual([false, false, true]);
  expect([belated(60, 60), belated(60, 6), belated(60, 5)]).toEqual([false, false, true]);
  expect([belated(5, 5), belated(5, 1), belated(5, 0)]).toEqual([false, false, true]);
});
