import { afterEach, expect, test, vi } from 'vitest';
import { type Replaying, ReplayTurns } from '../../src/fanout/replay-turns.ts';

afterEach(() => void vi.useRealTimers());

/** Reads so much in a turn. */
const stride = 100;

/** Reads what it missed until it is at the end; tells each position from which it did. */
class Reader implements Replaying {
  over = false;
  readonly source: { follows: string; position: number };
  readonly #until: number;
  readonly #turns: ReplayTurns;
  readonly #told: (position: number) => void;

  constructor(turns: ReplayTurns, { from = 0, until = 1000, feed = 'a feed', told = (_position: number) => {} } = {}) {
    this.source = { follows: feed, position: from };
    this.#until = until;
    this.#turns = turns;
    this.#told = told;
    turns.wait(this);
  }

  readOn(): void {
    this.#told(this.source.position);
    this.source.position += stride;
    if (this.source.position < this.#until) this.#turns.wait(this);
    else this.over = true;
  }
}

const round = () => new Promise<void>((resolve) => setImmediate(resolve));

async function rounds(until: () => boolean): Promise<number> {
  for (let count = 1; ; count++) {
    await round();
    if (until()) return count;
    if (count > 10_000) throw new Error('it never ends');
  }
}

test('a crowd reads in step, a few in a round: each stretch is over before the next is begun', async () => {
  const turns = new ReplayTurns();
  const read: number[] = [];
  const crowd = Array.from({ length: 100 }, () => new Reader(turns, { told: (position) => read.push(position) }));
  const count = await rounds(() => crowd.every(({ over }) => over));
  expect(count).toBeGreaterThanOrEqual((100 * 10) / 16);
  expect(read).toEqual(read.toSorted((a, b) => a - b));
});

test('who comes while others read on waits for them, and reads in step with who else came', async () => {
  const turns = new ReplayTurns();
  const read: string[] = [];
  const crowd = (name: string) =>
    Array.from({ length: 40 }, () => new Reader(turns, { told: (position) => read.push(`${name} ${position}`) }));
  const early = crowd('early');
  // The first stretch is over.
  await rounds(() => read.includes('early 100'));
  const late = crowd('late');
  await rounds(() => [...early, ...late].every(({ over }) => over));
  const stretches = read.filter((stretch, place) => stretch !== read[place - 1]);
  const all = (name: string) => Array.from({ length: 10 }, (_, n) => `${name} ${n * stride}`);
  expect(stretches).toEqual([...all('early'), ...all('late')]);
});

test('who is ahead does not wait for ever for those who come ever further behind', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const turns = new ReplayTurns();
  const moreCome = () => {
    for (let n = 0; n < 32; n++) new Reader(turns);
  };
  moreCome();
  const ahead = new Reader(turns, { from: 900 });
  await rounds(() => {
    vi.advanceTimersByTime(50);
    moreCome();
    return ahead.over;
  });
});

test('feeds take turns: a crowd of one keeps nobody of another waiting for long', async () => {
  const turns = new ReplayTurns();
  const crowd = Array.from({ length: 1000 }, () => new Reader(turns));
  const other = new Reader(turns, { feed: 'another feed' });
  expect(await rounds(() => other.over)).toBeLessThan(50);
  expect(crowd.some(({ over }) => over)).toBe(false);
});

test('who is gone gets no turn, and takes none from others', async () => {
  const turns = new ReplayTurns();
  const gone = Array.from({ length: 1000 }, () => new Reader(turns, { told: () => expect.unreachable() }));
  const other = new Reader(turns);
  for (const reader of gone) reader.over = true;
  expect(await rounds(() => other.over)).toBeLessThan(20);
});
