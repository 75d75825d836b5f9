import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry } from '../../src/feed/entry.ts';
import { createPages, type ReadEntries } from '../../src/feed/pages.ts';
import { testLog } from '../harness.ts';
import { said } from './feed-fixture.ts';

const entry = (sequence: number): Entry => ({
  ...said.draft({ text: `${sequence}` }),
  feed: 'schedule',
  sequence,
  audience: 'everyone',
  actorId: null,
  subjectId: null,
  occurredAt: 0,
  streamOffset: null,
  redacts: null,
});

/** A log in memory: holds the entries after `pruned` up to `top`; `gate` holds its answers back. */
class FakeLog {
  top = 0;
  pruned = 0;
  reads = 0;
  running = 0;
  mostRunning = 0;
  gate: Promise<void> = Promise.resolve();

  readonly read: ReadEntries = async (_feed, sequence, limit) => {
    this.reads++;
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    const from = Math.max(sequence, this.pruned);
    const count = Math.max(Math.min(limit, this.top - from), 0);
    const entries = Array.from({ length: count }, (_, index) => entry(from + 1 + index));
    await this.gate;
    this.running--;
    return entries;
  };
}

function gate(): { shut: Promise<void>; open: () => void } {
  let open = (): void => {};
  const shut = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { shut, open };
}

test('whatever is asked for, in whatever order, while the log grows: exactly the log comes', async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant('read' as const), reader: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('grow' as const), by: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('forget' as const) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('jump' as const), reader: fc.nat(2), to: fc.nat(60) }) },
  );
  const run = fc.asyncProperty(
    fc.record({
      size: fc.integer({ min: 1, max: 9 }),
      remembered: fc.nat(4),
      steps: fc.array(step, { maxLength: 60 }),
    }),
    async ({ size, remembered, steps }) => {
      const log = new FakeLog();
      const pages = createPages({ read: log.read, log: testLog, size, remembered, concurrency: 2 });
      const readers = [0, 0, 0];
      for (const todo of steps) {
        if (todo.type === 'grow') log.top += todo.by;
        else if (todo.type === 'forget') pages.forget('schedule');
        else if (todo.type === 'jump') readers[todo.reader] = Math.min(todo.to, log.top);
        else {
          const from = readers[todo.reader] ?? 0;
          const sequences = (await pages.after('schedule', from)).map(({ sequence }) => sequence);
          expect(sequences).toEqual(sequences.map((_, index) => from + 1 + index));
          if (from < log.top) expect(sequences.length).toBeGreaterThan(0);
          readers[todo.reader] = from + sequences.length;
        }
      }
    },
  );
  await fc.assert(run, { numRuns: 300 });
});

test('however many ask for a page at a time, it is read once', async () => {
  const log = new FakeLog();
  log.top = 40;
  const { shut, open } = gate();
  log.gate = shut;
  const pages = createPages({ read: log.read, log: testLog, size: 10 });
  const asked = Array.from({ length: 500 }, (_, index) => pages.after('schedule', index % 10));
  open();
  const lengths = (await Promise.all(asked)).map(({ length }) => length);
  expect(lengths).toEqual(lengths.map((_, index) => 10 - (index % 10)));
  expect(log.reads).toBe(1);
});

test('the last page is read once by those who come one after the other, and again by who is behind its end', async () => {
  const log = new FakeLog();
  log.top = 4;
  const pages = createPages({ read: log.read, log: testLog, size: 10 });
  const after = async (sequence: number) =>
    (await pages.after('schedule', sequence)).map((entry: Entry) => entry.sequence);
  for (let count = 0; count < 5; count++) expect(await after(1)).toEqual([2, 3, 4]);
  expect(log.reads).toBe(1);
  log.top = 7;
  expect(await after(4)).toEqual([5, 6, 7]);
  expect(await after(1)).toEqual([2, 3, 4, 5, 6, 7]);
  expect(log.reads).toBe(2);
  expect(await after(7)).toEqual([]);
});

test('at most so many pages are read at once, and each that waits gets its turn, after failures too', async () => {
  const log = new FakeLog();
  log.top = 400;
  let failing = true;
  const read: ReadEntries = async (...place) => {
    const entries = await log.read(...place);
    if (failing) throw new Error('the database is away');
    return entries;
  };
  const pages = createPages({ read, log: testLog, size: 10, concurrency: 3 });
  const askAll = () => Promise.allSettled(Array.from({ length: 40 }, (_, page) => pages.after('schedule', page * 10)));
  expect((await askAll()).every(({ status }) => status === 'rejected')).toBe(true);
  failing = false;
  expect((await askAll()).every(({ status }) => status === 'fulfilled')).toBe(true);
  expect(log.mostRunning).toBe(3);
});

test('a page whose reading began before an entry was written is not taken for the whole log', async () => {
  const log = new FakeLog();
  log.top = 3;
  const { shut, open } = gate();
  log.gate = shut;
  const pages = createPages({ read: log.read, log: testLog, size: 10 });
  const early = pages.after('schedule', 1);
  log.top = 6;
  const late = pages.after('schedule', 3);
  open();
  expect((await early).map(({ sequence }) => sequence)).toEqual([2, 3]);
  expect((await late).map(({ sequence }) => sequence)).toEqual([4, 5, 6]);
});

test('a page that was forgotten while it was read is not remembered', async () => {
  const log = new FakeLog();
  log.top = 10;
  const { shut, open } = gate();
  log.gate = shut;
  const pages = createPages({ read: log.read, log: testLog, size: 10 });
  const asked = pages.after('schedule', 0);
  pages.forget('schedule');
  open();
  await asked;
  await pages.after('schedule', 0);
  await pages.after('schedule', 0);
  expect(log.reads).toBe(2);
});

test('forgetting one feed forgets no other', async () => {
  const log = new FakeLog();
  log.top = 10;
  const pages = createPages({ read: log.read, log: testLog, size: 10 });
  await pages.after('schedule', 0);
  await pages.after('other schedule', 0);
  pages.forget('schedule');
  await pages.after('other schedule', 0);
  expect(log.reads).toBe(2);
});

test('where the log was pruned the first entry that is left comes', async () => {
  const log = new FakeLog();
  log.top = 50;
  log.pruned = 23;
  const pages = createPages({ read: log.read, log: testLog, size: 10 });
  for (const sequence of [0, 9, 10, 22, 23]) expect((await pages.after('schedule', sequence))[0]?.sequence).toBe(24);
});
