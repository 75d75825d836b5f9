import { expect, test } from 'vitest';
import { run } from '../database.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { scrape } from './scrape.ts';

const server = useServer({ config: { retention: { days: 1, entries: 1024 } } });

const sample = async (name: string) => (await scrape(server.url)).get(name) ?? 0;
const runs = (outcome: string) => sample(`ovation_job_runs_total{kind="housekeeping",outcome="${outcome}"}`);
const lag = () => sample('ovation_job_lag_seconds{kind="housekeeping"}');
/** The round is there, and due so many seconds ago. */
const makeDue = (seconds: number) =>
  until(
    async () =>
      (await server.app.db.$executeRaw`
        UPDATE "Job" SET "runAt" = now() - make_interval(secs => ${seconds}::int) WHERE kind = 'housekeeping'`) === 1,
    { what: 'the round of housekeeping' },
  );

test('housekeeping tells of its runs and of what it deleted', async () => {
  // Another feed than those in use: the newest entry of a feed stays.
  await run(
    server.databaseUrl,
    `INSERT INTO "Feed" (name, epoch, top) VALUES ('user:x', 'e', 5);
     INSERT INTO "FeedEntry" (feed, sequence, kind, audience, payload, "occurredAt")
     SELECT 'user:x', n, 'Old', 'everyone', '{}', now() - interval '2 days' FROM generate_series(1, 5) n`,
  );
  await makeDue(0);
  await until(async () => (await runs('done')) === 1, { what: 'a run of housekeeping' });
  expect(await sample('ovation_entries_pruned_total')).toBe(4);
  expect(await lag()).toBe(0);

  await run(server.databaseUrl, 'ALTER TABLE "FeedEntry" RENAME TO "Elsewhere"');
  await makeDue(0);
  await until(async () => (await runs('failed')) === 1, { what: 'a failed run' });
  await run(server.databaseUrl, 'ALTER TABLE "Elsewhere" RENAME TO "FeedEntry"');
  await makeDue(0);
  await until(async () => (await runs('done')) === 2, { what: 'a run that does its work again' });
});

test('how late the work is can be seen while the queue cannot be read', async () => {
  await makeDue(-2);
  await until(async () => (await lag()) === 0, { what: 'the queue seen' });
  await run(server.databaseUrl, 'ALTER TABLE "Job" RENAME TO "Away"');
  await until(async () => (await lag()) > 1, { what: 'a lag' });
  await run(server.databaseUrl, 'ALTER TABLE "Away" RENAME TO "Job"');
  await until(async () => (await lag()) === 0, { what: 'no lag' });
});
