import { setTimeout as pause } from 'node:timers/promises';
import type { Usage } from '../test/child.ts';
import { start } from './process.ts';
import { median, type Report } from './report.ts';
import { liveEvent, openStage, type Stage } from './stage.ts';

const subscribers = 5000;
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
/** How long CPU is measured while nothing happens, in ms: keep-alive pings are in it. */
const idleMs = 25_000;

const names = ['ovation', 'bare-graphql-ws'] as const;
type Name = (typeof names)[number];

const query = `subscription($eventId: ID!) { videoEventFeed(eventId: $eventId) {
  __typename ... on FeedItem { cursor sequence } ... on MessageSent { message { text author { displayName } } } } }`;

interface Measured {
  /** KiB for each subscriber. */
  heap: number;
  rss: number;
  /** Milliseconds of CPU a second, for all. */
  cpu: number;
}

/** What idle subscribers cost, against a graphql-ws subscription with nothing behind it. */
export async function sockets(): Promise<Report> {
  const stage = await openStage();
  const measured: Record<Name, Measured[]> = { ovation: [], 'bare-graphql-ws': [] };
  try {
    for (let round = 0; round < rounds; round++) {
      for (const name of names) measured[name].push(await measure(name, stage));
    }
  } finally {
    await stage.close();
  }
  const of = (name: Name, figure: keyof Measured) => median(measured[name].map((round) => round[figure]));
  return {
    name: 'sockets',
    what: `${subscribers} idle subscribers; memory after garbage collection, over what the server holds without them; medians of ${rounds} rounds.`,
    rows: names.map((name) => ({
      server: name,
      'heap KiB/subscriber': of(name, 'heap'),
      'x bare': of(name, 'heap') / of('bare-graphql-ws', 'heap'),
      'RSS KiB/subscriber': of(name, 'rss'),
      'RSS x bare': of(name, 'rss') / of('bare-graphql-ws', 'rss'),
      'CPU ms/s, all': of(name, 'cpu'),
    })),
  };
}

async function measure(name: Name, stage: Stage): Promise<Measured> {
  const server = start(`servers/${name}.ts`, { DATABASE_URL: stage.databaseUrl, REDIS_URL: stage.redisUrl });
  const clients = start('subscribers.ts');
  try {
    const url = await server.ask<string>('url');
    const { eventId } = name === 'ovation' ? await liveEvent(url) : { eventId: 'event' };
    const wanted = { url, query, variables: { eventId } };
    // The first ones load what is loaded once.
    await clients.ask('subscribe', { ...wanted, count: 100 });
    await pause(2000);
    const before = await server.ask<Usage>('memory');
    await clients.ask('subscribe', { ...wanted, count: subscribers });
    await pause(3000);
    const after = await server.ask<Usage>('memory');
    const idleFrom = await server.ask<Usage>('usage');
    await pause(idleMs);
    const idleTo = await server.ask<Usage>('usage');
    return {
      heap: (after.heap - before.heap) / 1024 / subscribers,
      rss: (after.rss - before.rss) / 1024 / subscribers,
      cpu: (idleTo.cpu - idleFrom.cpu) / idleMs,
    };
  } finally {
    await clients.end();
    await server.end();
  }
}
