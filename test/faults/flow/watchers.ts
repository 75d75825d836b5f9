import { answer } from '../../child.ts';
import { compare, type Received, readLog, type Spread, spreadOf, type Verdict } from '../oracle.ts';
import { Swarm, type Watcher } from '../swarm.ts';

// Watches several events through several instances, in a process that does nothing else, and judges what came.

export interface WatchersOptions {
  urls: readonly string[];
  /** Global ids, each with the cursor behind which it is watched. */
  events: readonly { eventId: string; after: string }[];
  /** Watchers of each event, spread over the instances. */
  each: number;
}

/** What lies between two marks. */
export interface Stretch {
  name: string;
  /** From the commit, by PostgreSQL's clock, to the arrival, in ms. Of what the flow writes: who else speaks may wait for their own flood. */
  delays: Spread;
  received: number;
}

export interface Judgement {
  verdict: Verdict;
  /** Of each event, in the order in which they were given: how many texts of the log's were expected and are not in it. */
  unknown: number;
  stretches: Stretch[];
  /** Over all watchers. */
  reconnections: number;
  resets: number;
  closes: Record<string, number>;
  ends: unknown[];
}

let swarms: Swarm[] = [];
let wanted: WatchersOptions = { urls: [], events: [], each: 0 };
const marks: { name: string; at: number }[] = [];

const watchers = (): Watcher[] => swarms.flatMap((swarm) => [...swarm.watchers]);

function watch(options: WatchersOptions): void {
  wanted = options;
  swarms = options.events.map(
    ({ eventId, after }) => new Swarm({ count: options.each, urls: options.urls, eventId, after }),
  );
}

function mark(name: string): void {
  marks.push({ name, at: performance.now() });
}

/** Waits until everybody has everything, and compares with the log, which must hold `acknowledged`. */
async function judge({
  databaseUrl,
  acknowledged,
  tried,
  limitMs,
}: {
  databaseUrl: string;
  acknowledged: string[][];
  tried: string[][];
  limitMs: number;
}): Promise<Judgement> {
  mark('end');
  const total: Verdict = { expected: 0, received: 0, lost: 0, duplicated: 0, outOfOrder: 0, foreign: 0 };
  const delays = marks.map((): number[] => []);
  let unknown = 0;
  for (const [place, swarm] of swarms.entries()) {
    const log = await readLog(databaseUrl, wanted.events[place]?.eventId ?? '', swarm.watchers[0]?.start);
    await swarm.reaches(log.at(-1)?.sequence ?? 0, limitMs);
    const verdict = compare(log, swarm.received);
    for (const key of Object.keys(total) as (keyof Verdict)[]) total[key] += verdict[key];
    const texts = new Set(log.map(({ text }) => text));
    unknown += (acknowledged[place] ?? []).filter((text) => !texts.has(text)).length;
    const own = new Set(tried[place]);
    const occurredAt = new Map(
      log.flatMap((entry) => (own.has(entry.text ?? '') ? [[entry.sequence, entry.occurredAt]] : [])),
    );
    for (const received of swarm.received) sortDelays(received, occurredAt, delays);
  }
  const all = watchers();
  const closes: Record<string, number> = {};
  for (const code of all.flatMap((watcher) => watcher.closes)) closes[code] = (closes[code] ?? 0) + 1;
  return {
    verdict: total,
    unknown,
    stretches: marks.slice(0, -1).map(({ name }, place) => {
      const values = delays[place] ?? [];
      return { name, delays: spreadOf(values), received: values.length };
    }),
    reconnections: all.reduce((sum, { connections }) => sum + connections - 1, 0),
    resets: all.reduce((sum, { resets }) => sum + resets.length, 0),
    closes,
    ends: all.flatMap(({ ended }) => (ended === null ? [] : [ended])),
  };
}

/** Each delay counts for the stretch in which its entry was committed. */
function sortDelays(received: readonly Received[], occurredAt: ReadonlyMap<number, number>, into: number[][]): void {
  for (const { sequence, at } of received) {
    const occurred = occurredAt.get(sequence);
    if (occurred === undefined) continue;
    const committedAt = occurred - performance.timeOrigin;
    const place = marks.findLastIndex((one) => one.at <= committedAt);
    into[Math.max(0, place)]?.push(at - committedAt);
  }
}

/** Cuts this share of the sockets without a goodbye. */
function cut(share: number): number {
  const cut = watchers().filter((_, place, all) => place < all.length * share);
  for (const { socket } of cut) socket?.terminate();
  return cut.length;
}

answer({
  watch,
  mark,
  cut,
  judge,
  connected: () => watchers().filter(({ connections }) => connections > 0).length,
  received: () => watchers().reduce((sum, { received }) => sum + received.length, 0),
  close: () => Promise.all(swarms.map((swarm) => swarm.close())).then(() => undefined),
});
