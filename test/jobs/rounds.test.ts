import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { until } from '../wait.ts';
import { useJobs } from './fixture.ts';

const fixture = useJobs();
const dueNow = (name: string) =>
  fixture.db.$executeRaw`UPDATE "Job" SET "runAt" = clock_timestamp() WHERE kind = ${name}`;
const waits = async (name: string) => (await fixture.db.job.count({ where: { kind: name } })) === 1;

test('a round is gone by one instance, once in a period', async () => {
  const name = `round.${randomUUID()}`;
  const runs: number[] = [];
  for (let n = 0; n < 3; n++) {
    fixture.instance({ rounds: [{ name, everyMs: 60_000, run: async () => runs.push(n) }] });
  }
  await until(() => waits(name), { what: 'the round' });
  expect(runs).toHaveLength(0);
  for (let round = 1; round <= 3; round++) {
    await dueNow(name);
    await until(() => runs.length === round, { what: `round ${round}` });
    await until(
      async () =>
        (await fixture.db.job.findFirst({ where: { kind: name, runAt: { gt: new Date(Date.now() + 50_000) } } })) !==
        null,
      { what: 'the next period' },
    );
  }
  expect(runs).toHaveLength(3);
});

test('a round that fails says so, and the next one is gone all the same', async () => {
  const name = `round.${randomUUID()}`;
  const outcomes: string[] = [];
  let runs = 0;
  const run = async () => {
    if (++runs === 1) throw new Error('lost the way');
  };
  fixture.instance({ rounds: [{ name, everyMs: 200, run }], onRun: (_job, outcome) => outcomes.push(outcome) });
  await until(() => outcomes.length >= 2, { what: 'two rounds' });
  expect(outcomes.slice(0, 2)).toEqual(['failed', 'done']);
});
