import { expect, onTestFinished, test } from 'vitest';
import { Pass } from '../../src/feed/pass.ts';
import { until } from '../wait.ts';

function passOf(options: { windowMs: number; most?: number }) {
  const at: number[] = [];
  const pass = new Pass(0, { most: 1000, ...options, run: () => at.push(performance.now()) });
  onTestFinished(() => pass.close());
  return { pass, at };
}

test('after a quiet time entries are served at once, and those that follow closely together', async () => {
  const { pass, at } = passOf({ windowMs: 50 });
  pass.ring(1);
  expect(at.length).toBe(1);
  for (let last = 2; last <= 10; last++) pass.ring(last);
  expect(at.length).toBe(1);
  await until(() => at.length === 2, { what: 'the second pass' });
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(48);
});

test('a window of 0 collects nothing', () => {
  const { pass, at } = passOf({ windowMs: 0 });
  for (let last = 1; last <= 5; last++) pass.ring(last);
  expect(at.length).toBe(5);
});

test('a burst does not wait until somebody falls off the tail', () => {
  const { pass, at } = passOf({ windowMs: 60_000, most: 10 });
  for (let last = 1; last <= 31; last++) pass.ring(last);
  expect(at.length).toBe(4);
});

test('a log that became another one is told at once', () => {
  const { pass, at } = passOf({ windowMs: 60_000 });
  pass.ring(5);
  pass.ring(2);
  expect(at.length).toBe(2);
});
