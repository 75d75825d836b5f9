import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { run } from '../database.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { scrape } from './scrape.ts';

// The hours pass at once; everything else takes the time it takes.
beforeAll(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterAll(() => void vi.useRealTimers());
const server = useServer({ config: { retention: { days: 1, entries: 1024 } } });

const hour = 3_600_000;
const runs = async (outcome: string) =>
  (await scrape(server.url)).get(`ovation_job_runs_total{job="housekeeping",outcome="${outcome}"}`) ?? 0;
const lag = async () => (await scrape(server.url)).get('ovation_job_lag_seconds{job="housekeeping"}') ?? 0;

test('housekeeping tells of its runs, what it deleted, and how late it is while it fails', async () => {
  // Another feed than those in use: the newest entry of a feed stays.
  await run(
    server.databaseUrl,
    `INSERT INTO "Feed" (name, epoch, top) VALUES ('user:x', 'e', 5);
     INSERT INTO "FeedEntry" (feed, sequence, kind, audience, payload, "occurredAt")
     SELECT 'user:x', n, 'Old', 'everyone', '{}', now() - interval '2 days' FROM generate_series(1, 5) n`,
  );
  vi.advanceTimersByTime(hour);
  await until(async () => (await runs('done')) === 1, { what: 'a run of housekeeping' });
  expect((await scrape(server.url)).get('ovation_entries_pruned_total')).toBe(4);
  expect(await lag()).toBe(0);

  await run(server.databaseUrl, 'ALTER TABLE "FeedEntry" RENAME TO "Elsewhere"');
  vi.advanceTimersByTime(hour);
  await until(async () => (await runs('failed')) === 1, { what: 'a failed run' });
  await run(server.databaseUrl, 'ALTER TABLE "Elsewhere" RENAME TO "FeedEntry"');
  vi.advanceTimersByTime(hour / 2);
  expect(await lag()).toBeCloseTo(1800);
  vi.advanceTimersByTime(hour / 2);
  await until(async () => (await runs('done')) === 2, { what: 'a run that does its work again' });
  expect(await lag()).toBe(0);
});
