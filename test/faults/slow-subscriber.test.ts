import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { Child } from '../child.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { scrape, total } from '../server/scrape.ts';
import { until } from '../wait.ts';
import { type Cluster, useCluster } from './cluster.ts';
import { EventStream } from './event-stream.ts';
import type { WriterOptions, Written } from './flow/writer.ts';
import type { RunningInstance } from './instance.ts';
import { compare, flawless, type Received, readLog, spread, told } from './oracle.ts';
import { cursorOf, type Stage, setStage } from './stage.ts';
import { feedDocument, Swarm, Watcher } from './swarm.ts';

const seconds = 60;
const rate = 1000;
/** Of each transport. Their minute of traffic, 2 kB an entry, would be well over 1 GB if anybody kept it for them. */
const stuck = 5;
/** How much an instance may grow, in MiB: its heap's usual swing under load. */
const growth = 400;

describeRedis('subscribers stop reading for 60 s while 1,000 messages a second flow', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url, instances: 2 });

  test('the others lose nothing, memory stays bounded, and the stuck ones are sent away and resume without loss', async () => {
    const stage = await setStage(cluster, { participants: 0 });
    const { eventId, host } = stage;
    // First of all what is live when everybody reads: the heap has its working size then.
    await flood(cluster, redis.url, stage, 3);
    const after = await cursorOf(host, eventId);
    const before = (await readLog(cluster.databaseUrl, eventId)).at(-1)?.sequence ?? 0;
    const { urls } = cluster;
    const [here = ''] = urls;
    const others = new Swarm({ count: 4, urls, eventId, after });
    const streaming = new EventStream(here, null, feedDocument, { eventId, after });
    const sockets = Array.from({ length: stuck }, () => new Watcher({ urls: [here], eventId, after }));
    const streams = Array.from({ length: stuck }, () => new EventStream(here, null, feedDocument, { eventId, after }));
    await host.mutate('sendMessage', { eventId, text: 'everybody is here' });
    await Promise.all([others.reaches(before + 1), streaming.has(1), ...streams.map((stream) => stream.has(1))]);
    await until(() => sockets.every(({ last }) => last > 0), { what: 'the sockets that will be stuck' });

    const memory = watchMemory(cluster.instance(0));
    for (const { socket } of sockets) socket?.pause();
    for (const stream of streams) stream.pause();
    const startedAt = performance.now();
    const [early, late, ...lostSockets] = sockets;
    const [stream, ...lostStreams] = streams;
    if (early === undefined || late === undefined || stream === undefined) throw new Error('somebody is stuck');
    const [appended] = await Promise.all([
      flood(cluster, redis.url, stage, seconds),
      // Before the server gives up the closing handshake, after 30 s: this one hears why.
      givenUp(here, 2 * stuck).then(() => early.socket?.resume()),
    ]);
    const perSecond = Math.round((appended * 1000) / (performance.now() - startedAt));
    const log = await readLog(cluster.databaseUrl, eventId, before);
    const last = log.at(-1)?.sequence ?? 0;
    await others.reaches(last, 60_000);
    await streaming.has(log.length, 60_000);

    // One of each kind reads on only now; the others never come back.
    late.socket?.resume();
    stream.resume();
    await until(() => late.closes.length > 0 && stream.over, { what: 'the stuck ones to be gone' });
    const missed = last - late.last;
    const cursor = items([stream]).at(-1)?.cursor;
    const resumed = new EventStream(here, null, feedDocument, { eventId, after: cursor });
    await until(() => early.last >= last && late.last >= last, { limitMs: 60_000, what: 'the sockets to catch up' });
    await until(() => items([stream, resumed]).length >= log.length, {
      limitMs: 60_000,
      what: 'the stream to catch up',
    });
    const { before: rss, peak, end } = memory.stop();

    const bystanders = [...others.received, items([streaming])];
    const verdict = compare(log, bystanders);
    const comeback = compare(log, [early.received, late.received, items([stream, resumed])]);
    const arrivals = bystanders.flatMap((received) => delaysOf(received, log));
    console.log(
      `slow subscribers: ${perSecond} entries a second for ${seconds} s; the others: ${told(verdict)}, delay ${spread(arrivals)}; ` +
        `stuck for that time, then resumed: ${told(comeback)}, sockets closed with ${early.closes[0]} and ${late.closes[0]}, ${missed} entries behind; ` +
        `RSS before ${rss} MiB, peak ${peak} MiB, after ${end} MiB`,
    );
    expect(verdict).toEqual(flawless(log.length * bystanders.length));
    expect(comeback).toEqual(flawless(log.length * 3));
    expect(others.watchers.every(({ connections, resets }) => connections === 1 && resets.length === 0)).toBe(true);
    expect({ code: early.closes[0], streamCompleted: stream.completed }).toEqual({
      code: 1013,
      streamCompleted: false,
    });
    expect(missed).toBeGreaterThan(0);
    expect(cluster.instances.every(({ alive }) => alive)).toBe(true);
    expect(peak - rss).toBeLessThan(growth);

    for (const one of [streaming, resumed, ...lostStreams]) one.close();
    for (const { socket } of lostSockets) socket?.terminate();
    await Promise.all([others.close(), ...sockets.map((one) => one.close())]);
  }, 240_000);
});

/** Resolves when the instance has given up so many connections because nobody reads there. */
async function givenUp(url: string, count: number): Promise<void> {
  const enough = async () => {
    await pause(250);
    return total(await scrape(url), 'ovation_slow_sockets_total') >= count;
  };
  await until(enough, { limitMs: seconds * 1000, what: `${count} connections to be given up` });
}

/** Resolves with how many entries were appended, at `rate`, when they all are. */
async function flood(
  { databaseUrl }: Cluster,
  redisUrl: string,
  { eventId, host }: Stage,
  forSeconds: number,
): Promise<number> {
  const writer = new Child(new URL('./flow/writer.ts', import.meta.url));
  try {
    const options: WriterOptions = {
      databaseUrl,
      redisUrl,
      events: [decodeGlobalId(eventId).id],
      userId: decodeGlobalId(host.id).id,
      rate,
      together: 50,
      characters: 1920,
    };
    const startedAt = performance.now();
    await writer.ask('begin', options);
    await until(() => performance.now() - startedAt >= forSeconds * 1000, {
      limitMs: (forSeconds + 10) * 1000,
      what: 'the flood to have lasted',
    });
    const { acknowledged } = await writer.ask<Written>('stop');
    return acknowledged.flat().length;
  } finally {
    await writer.end();
  }
}

/** An instance's RSS at first, at its peak and at the end, in MiB. */
function watchMemory(instance: RunningInstance) {
  const before = instance.rss();
  let peak = before;
  const look = () => {
    peak = Math.max(peak, instance.rss());
  };
  const timer = setInterval(look, 250);
  return {
    stop() {
      clearInterval(timer);
      look();
      return { before, peak, end: instance.rss() };
    },
  };
}

/** What arrived over these streams, one after the other. */
function items(streams: readonly EventStream[]): (Received & { cursor: string })[] {
  return streams.flatMap(({ results, times }) =>
    results.map(({ data: { videoEventFeed } }, place) => ({
      sequence: videoEventFeed.sequence,
      kind: videoEventFeed.__typename,
      text: videoEventFeed.message?.text ?? null,
      cursor: videoEventFeed.cursor,
      at: times[place] ?? 0,
    })),
  );
}

/** From the commit to the arrival, by two clocks of one machine, in ms. */
function delaysOf(received: readonly Received[], log: readonly { sequence: number; occurredAt: number }[]): number[] {
  const occurredAt = new Map(log.map((entry) => [entry.sequence, entry.occurredAt]));
  return received.map(({ sequence, at }) => performance.timeOrigin + at - (occurredAt.get(sequence) ?? 0));
}
