import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createPulses, type Pulses } from '../../src/pulse/pulses.ts';
import { createMemoryBroker } from '../../src/realtime/memory-broker.ts';
import { createSide, lost } from '../feed/network.ts';
import { testLog } from '../harness.ts';
import { until } from '../wait.ts';

interface Values {
  taps: number;
  here: number;
}

let broker = createMemoryBroker();
let running: Pulses<Values>[] = [];
afterEach(async () => {
  for (const pulses of running) await pulses.close();
  running = [];
  await broker.close();
  broker = createMemoryBroker();
});

/** What the database would say, and how often it was asked. */
const store = () => ({
  taps: new Map<string, number>(),
  here: new Map<string, number>(),
  reads: [] as string[][],
  away: false,
});
type Store = ReturnType<typeof store>;

function instance(from: Store, options: { healMs?: number; beatMs?: number } = {}) {
  const side = createSide(broker);
  const pulses = createPulses<Values>({
    parts: {
      taps: {
        none: 0,
        async read(eventIds) {
          if (from.away) throw new Error('away');
          from.reads.push([...eventIds]);
          return new Map([...from.taps].filter(([id]) => eventIds.includes(id)));
        },
      },
      here: { none: 0, read: async (eventIds) => new Map([...from.here].filter(([id]) => eventIds.includes(id))) },
    },
    broker: side,
    log: testLog,
    beatMs: 30,
    ...options,
  });
  running.push(pulses);
  return { pulses, side };
}

async function heard(pulses: Pulses<Values>, eventId: string) {
  const follower = await pulses.follow(eventId);
  const values: Values[] = [];
  void (async () => {
    for await (const item of follower) if (item.type === 'pulse') values.push(item.pulse.values);
  })();
  await until(() => values.length > 0, { what: 'the first pulse' });
  return { follower, values };
}

test('a change on one instance is told on the others, by the value the database has', async () => {
  const data = store();
  const [one, two] = [instance(data), instance(data)];
  const here = await heard(two.pulses, 'e');
  data.taps.set('e', 7);
  one.pulses.touch('e', 'taps');
  await until(() => here.values.at(-1)?.taps === 7, { what: 'the change' });
  expect(here.values).toEqual([
    { taps: 0, here: 0 },
    { taps: 7, here: 0 },
  ]);
});

test('a thousand changes are a few pulses, and the last one tells all', async () => {
  const data = store();
  const { pulses } = instance(data);
  const { values } = await heard(pulses, 'e');
  const reads = data.reads.length;
  const from = performance.now();
  for (let n = 1; n <= 1000; n++) {
    data.taps.set('e', n);
    pulses.touch('e', 'taps');
    if (n % 10 === 0) await pause(1);
  }
  await until(() => values.at(-1)?.taps === 1000, { what: 'the last change' });
  // At most one in a beat of 30 ms, whatever the time it took.
  const beats = Math.ceil((performance.now() - from) / 30) + 1;
  expect(values.length).toBeLessThanOrEqual(beats + 1);
  expect(data.reads.length - reads).toBeLessThanOrEqual(beats);
});

test('events that change together are read in one query', async () => {
  const data = store();
  const { pulses } = instance(data);
  const followed = await Promise.all(['a', 'b', 'c'].map((id) => heard(pulses, id)));
  await pause(60);
  data.reads.length = 0;
  for (const id of ['a', 'b', 'c']) {
    data.taps.set(id, 1);
    pulses.touch(id, 'taps');
  }
  await until(() => followed.every(({ values }) => values.at(-1)?.taps === 1), { what: 'all changes' });
  expect(data.reads.map((ids) => ids.toSorted())).toEqual([['a', 'b', 'c']]);
});

test('a lost message heals by itself', async () => {
  const data = store();
  const [one, two] = [instance(data), instance(data, { healMs: 150 })];
  const { values } = await heard(two.pulses, 'e');
  two.side.fate = lost;
  data.taps.set('e', 3);
  one.pulses.touch('e', 'taps');
  await until(() => values.at(-1)?.taps === 3, { what: 'the healed value' });
});

test('the first pulse of an event waits for no beat, and what follows it does', async () => {
  const data = store();
  const { pulses } = instance(data, { beatMs: 60_000, healMs: 60_000 });
  for (const id of ['a', 'b', 'c']) {
    const { values } = await heard(pulses, id);
    data.taps.set(id, 1);
    pulses.touch(id, 'taps');
    expect(values).toEqual([{ taps: 0, here: 0 }]);
  }
  await heard(pulses, 'a');
  expect(data.reads).toEqual([['a'], ['b'], ['c']]);
});

test('what did not change is not told', async () => {
  const data = store();
  const { pulses } = instance(data, { healMs: 40 });
  const { values } = await heard(pulses, 'e');
  const reads = data.reads.length;
  await until(() => data.reads.length > reads + 3, { what: 'some more reads' });
  expect(values).toEqual([{ taps: 0, here: 0 }]);
});

test('while the database is away nothing is told, and then what holds', async () => {
  const data = store();
  const { pulses } = instance(data);
  const { values } = await heard(pulses, 'e');
  data.away = true;
  data.taps.set('e', 1);
  data.here.set('e', 5);
  pulses.touch('e', 'taps');
  pulses.touch('e', 'here');
  await until(() => values.at(-1)?.here === 5, { what: 'the part that can be read' });
  expect(values.at(-1)?.taps).toBe(0);
  data.away = false;
  await until(() => values.at(-1)?.taps === 1, { what: 'the part that was away' });
});

test('who reads slowly gets the latest only', async () => {
  const data = store();
  const { pulses } = instance(data);
  const follower = await pulses.follow('e');
  const { values } = await heard(pulses, 'e');
  for (let n = 1; n <= 5; n++) {
    data.taps.set('e', n);
    pulses.touch('e', 'taps');
    await until(() => values.at(-1)?.taps === n, { what: `change ${n}` });
  }
  expect(await follower.next()).toMatchObject({ value: { pulse: { values: { taps: 5 } } } });
  expect(follower.poll()).toBeNull();
});

test('nothing is kept of an event that nobody follows any more, and closing ends all', async () => {
  const data = store();
  const { pulses } = instance(data);
  const [a, b] = [await heard(pulses, 'a'), await heard(pulses, 'b')];
  expect(pulses.stats).toEqual({ events: 2, followers: 2 });
  await a.follower.return();
  expect(pulses.stats).toEqual({ events: 1, followers: 1 });
  await until(() => broker.channels === 1, { what: 'the channel given up' });
  await pulses.close();
  expect(await b.follower.next()).toEqual({ done: true, value: undefined });
  await expect(pulses.follow('c')).rejects.toThrow('closing');
});
