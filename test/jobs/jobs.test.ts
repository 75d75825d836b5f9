import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { fact, feeds } from '../../src/feed/entry.ts';
import { task } from '../../src/jobs/task.ts';
import { until } from '../wait.ts';
import { useJobs } from './fixture.ts';

const fixture = useJobs();
const rang = fact<{ bell: string }>()('Rang');
const bells = () => task(`ring.${randomUUID()}`, z.object({ bell: z.string() }));
const counted = (feed: string) => fixture.db.feedEntry.count({ where: { feed } });

test('what is due is done once, however many instances look', async () => {
  const ring = bells();
  const feed = feeds.user(randomUUID());
  const duty = ring.doneBy(async ({ append }, { bell }) => append(feed, rang.draft({ bell })));
  for (let n = 0; n < 4; n++) fixture.instance({ duties: [duty] });
  await fixture.write(async ({ tx }) => {
    for (let n = 0; n < 40; n++) await ring.schedule(tx, String(n), { inMs: (n % 4) * 100 }, { bell: String(n) });
  });
  await until(async () => (await fixture.db.job.count()) === 0, { what: 'an empty queue' });
  const entries = await fixture.db.feedEntry.findMany({ where: { feed } });
  expect(new Set(entries.map(({ payload }) => z.object({ bell: z.string() }).parse(payload).bell)).size).toBe(40);
  expect(entries).toHaveLength(40);
});

test('nothing is done before its time', async () => {
  const ring = bells();
  const done: number[] = [];
  const jobs = fixture.instance({ duties: [ring.doneBy(async () => done.push(performance.now()))] });
  const from = performance.now();
  await fixture.write(({ tx }) => ring.schedule(tx, 'later', { inMs: 700 }, { bell: 'later' }));
  await until(() => done.length === 1, { what: 'the task' });
  // Both clocks tell the same time, but for what a millisecond's rounding takes.
  expect(done[0]).toBeGreaterThan(from + 690);
  expect(Object.values(jobs.lags)).toEqual([0]);
});

test('what is rolled back was never scheduled, and of one key there is one task', async () => {
  const ring = bells();
  const heard: string[] = [];
  await expect(
    fixture.write(async ({ tx }) => {
      await ring.schedule(tx, 'a', { inMs: 0 }, { bell: 'never' });
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  await fixture.write(({ tx }) => ring.schedule(tx, 'a', { at: new Date(0) }, { bell: 'first' }));
  await fixture.write(({ tx }) => ring.schedule(tx, 'a', { at: new Date(0) }, { bell: 'second' }));
  fixture.instance({ duties: [ring.doneBy(async (_work, { bell }) => heard.push(bell))] });
  await until(async () => (await fixture.db.job.count()) === 0, { what: 'an empty queue' });
  expect(heard).toEqual(['first']);
});

test('a task that fails leaves nothing behind, is put off and tried again, and holds nobody up', async () => {
  const ring = bells();
  const feed = feeds.user(randomUUID());
  const outcomes: string[] = [];
  let cracked = true;
  const duty = ring.doneBy(async ({ append }, { bell }) => {
    append(feed, rang.draft({ bell }));
    if (bell === 'cracked' && cracked) throw new Error('the bell is cracked');
  });
  await fixture.write(async ({ tx }) => {
    await ring.schedule(tx, 'cracked', { at: new Date(0) }, { bell: 'cracked' });
    await ring.schedule(tx, 'sound', { inMs: 0 }, { bell: 'sound' });
  });
  fixture.instance({ duties: [duty], onRun: (_job, outcome) => outcomes.push(outcome) });
  const failed = () => fixture.db.job.findFirst({ where: { key: 'cracked', failures: { gt: 0 } } });
  const kept = await until(failed, { what: 'a failed attempt' });
  expect(kept.lastError).toBe('the bell is cracked');
  expect(kept.runAt.getTime()).toBeGreaterThan(kept.createdAt.getTime());
  await until(() => outcomes.includes('done'), { what: 'the other task' });
  expect(await counted(feed)).toBe(1);
  cracked = false;
  await until(async () => (await fixture.db.job.count()) === 0, { what: 'another attempt' });
  expect(await counted(feed)).toBe(2);
});

test('a payload that is none of its kind is a failure, and no fault of the others', async () => {
  const ring = bells();
  const outcomes: string[] = [];
  await fixture.db.job.create({
    data: { kind: ring.doneBy(async () => {}).kind, key: 'x', payload: { bell: 7 }, runAt: new Date(0) },
  });
  fixture.instance({ duties: [ring.doneBy(async () => {})], onRun: (_job, outcome) => outcomes.push(outcome) });
  await until(() => outcomes.length > 0, { what: 'the attempt' });
  expect(outcomes).not.toContain('done');
});

test('an instance that dies at its task leaves it to another', async () => {
  const ring = bells();
  let seizing: () => void = () => {};
  const seized = new Promise<void>((resolve) => {
    seizing = resolve;
  });
  await fixture.write(({ tx }) => ring.schedule(tx, 'a', { inMs: 0 }, { bell: 'a' }));
  const dying = fixture.instance({
    duties: [
      ring.doneBy(async ({ tx }) => {
        seizing();
        // What a killed process leaves behind: a transaction whose connection is gone.
        await tx.$executeRaw`SELECT pg_terminate_backend(pg_backend_pid())`;
      }),
    ],
  });
  await seized;
  await dying.close();
  const heard: string[] = [];
  fixture.instance({ duties: [ring.doneBy(async (_work, { bell }) => heard.push(bell))] });
  await until(() => heard.length > 0, { what: 'the other instance' });
  expect(heard).toEqual(['a']);
});

test('how late the oldest job is can be read while nobody can do it', async () => {
  const ring = bells();
  await fixture.write(({ tx }) => ring.schedule(tx, 'a', { at: new Date(Date.now() - 60_000) }, { bell: 'a' }));
  const holder = fixture.db.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "Job" FOR UPDATE`;
    const duty = ring.doneBy(async () => {});
    const jobs = fixture.instance({ duties: [duty] });
    await until(() => (jobs.lags[duty.kind] ?? 0) > 59, { what: 'a lag of a minute' });
    return { jobs, kind: duty.kind };
  });
  const { jobs, kind } = await holder;
  await until(() => jobs.lags[kind] === 0, { what: 'no lag' });
});
