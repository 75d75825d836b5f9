import { expect, test } from 'vitest';
import { createResting } from '../../src/rewards/resting.ts';

const limits = (cooldownSeconds: number, maxPerEvent: number | null = null) => ({ cooldownSeconds, maxPerEvent });
const ada = { ruleId: 'rule', eventId: 'event', userId: 'ada', limits: limits(10) };

function atClock() {
  let now = 5_000;
  const resting = createResting(() => now);
  return { resting, now: () => now, pass: (ms: number) => (now += ms) };
}

test('somebody rests for what is left of the cooldown, counted from before it was read', () => {
  const { resting, now, pass } = atClock();
  const since = now();
  pass(100);
  resting.learn(ada, { times: 1, msAgo: 4_000 }, since);
  pass(5_899);
  expect(resting.has(ada)).toBe(true);
  pass(1);
  expect(resting.has(ada)).toBe(false);
});

test('a cooldown that is over when it is learnt holds nobody back', () => {
  const { resting, now } = atClock();
  resting.learn(ada, { times: 1, msAgo: 10_000 }, now());
  expect(resting.has(ada)).toBe(false);
});

test('others, other events, and rules with other limits are not concerned', () => {
  const { resting, now } = atClock();
  resting.learn(ada, { times: 1, msAgo: 0 }, now());
  const others = [{ userId: 'bob' }, { eventId: 'other' }, { ruleId: 'other' }, { limits: limits(9) }];
  expect(others.map((other) => resting.has({ ...ada, ...other }))).toEqual([false, false, false, false]);
});

test('at the maximum, and for however long a cooldown, the database is asked again after a minute', () => {
  const { resting, now, pass } = atClock();
  const atMost = { ...ada, limits: limits(0, 3) };
  const forDays = { ...ada, limits: limits(86_400) };
  resting.learn(atMost, { times: 2, msAgo: 0 }, now());
  expect(resting.has(atMost)).toBe(false);
  resting.learn(atMost, { times: 3, msAgo: 0 }, now());
  resting.learn(forDays, { times: 1, msAgo: 0 }, now());
  pass(59_999);
  expect([resting.has(atMost), resting.has(forDays)]).toEqual([true, true]);
  pass(1);
  expect([resting.has(atMost), resting.has(forDays)]).toEqual([false, false]);
});

test('of more people than are remembered, those learnt first are forgotten', () => {
  const { resting, now } = atClock();
  const nth = (n: number) => ({ ...ada, userId: `user ${n}` });
  for (let n = 0; n < 20_001; n++) resting.learn(nth(n), { times: 1, msAgo: 0 }, now());
  expect([0, 1, 20_000].map((n) => resting.has(nth(n)))).toEqual([false, true, true]);
});
