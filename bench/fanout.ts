import { setTimeout as pause } from 'node:timers/promises';
import { feeds } from '../src/feed/entry.ts';
import type { Child, Usage } from '../test/child.ts';
import { arrive } from './arrive.ts';
import { start } from './process.ts';
import { median, type Report } from './report.ts';
import { atRate, liveEvent, openStage, type Stage } from './stage.ts';

const subscribers = 500;
const textBytes = 250;
const text = 'x'.repeat(textBytes);
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);

interface Phase {
  name: string;
  perSecond: number;
  seconds: number;
  /** Messages that a commit states together. */
  together: number;
}
const phases: readonly Phase[] = [
  { name: 'steady 50/s', perSecond: 50, seconds: 6, together: 1 },
  { name: 'burst 500/s', perSecond: 500, seconds: 4, together: 5 },
];
const names = ['ovation', 'bare-ws', 'stock-yoga'] as const;
type Name = (typeof names)[number];
/** A burst is more than it survives: its pub/sub throws in the publisher when a subscriber has 1,024 messages waiting. */
const steadyOnly: ReadonlySet<Name> = new Set(['stock-yoga']);
const servesIn = (name: Name, phase: Phase): boolean => !steadyOnly.has(name) || phase === phases[0];

const query = `subscription($eventId: ID!) { videoEventFeed(eventId: $eventId) {
  __typename ... on FeedItem { cursor sequence occurredAt } ... on MessageSent { message { text author { displayName } } } } }`;

interface Measured {
  /** Server CPU per delivery, in microseconds. */
  cpu: number;
  /** From `occurredAt`, the database's clock just before the commit, until it arrived, in ms. */
  p50: number;
  p99: number;
}

/** CPU of the server process per delivery, and the delay, against a bare `ws` loop and stock Yoga with graphql-ws. */
export async function fanout(): Promise<Report> {
  const stage = await openStage();
  const measured = new Map<string, Measured[]>();
  try {
    // Round by round, so that a noisy minute of the machine meets all of them.
    for (let round = 0; round < rounds; round++) {
      for (const name of names) {
        for (const [phase, figures] of await measure(name, stage)) {
          const key = `${phase.name}|${name}`;
          measured.set(key, [...(measured.get(key) ?? []), figures]);
        }
      }
    }
  } finally {
    await stage.close();
  }
  return report(measured);
}

async function measure(name: Name, stage: Stage): Promise<[Phase, Measured][]> {
  const server = start(`servers/${name}.ts`, { DATABASE_URL: stage.databaseUrl, REDIS_URL: stage.redisUrl });
  const clients = start('subscribers.ts');
  try {
    const url = await server.ask<string>('url');
    // The peers know no events: any feed will do.
    const { eventId, rowId } =
      name === 'ovation' ? await liveEvent(url) : { eventId: 'event', rowId: crypto.randomUUID() };
    if (name !== 'ovation') await server.ask('follow', feeds.event(rowId));
    await clients.ask('subscribe', { url, count: subscribers, query, variables: { eventId } });
    const send = (texts: readonly string[]) => stage.append(rowId, texts);
    await warmUp(clients, send);
    const results: [Phase, Measured][] = [];
    for (const phase of phases.filter((phase) => servesIn(name, phase))) {
      results.push([phase, await run(phase, { server, clients, send })]);
    }
    return results;
  } finally {
    await clients.end();
    await server.end();
  }
}

interface Parties {
  server: Child;
  clients: Child;
  send: (texts: readonly string[]) => Promise<void>;
}

/** Until everybody gets everything, and the code is compiled. */
async function warmUp(clients: Child, send: Parties['send']): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    await clients.ask('begin');
    await send([text]);
    await pause(200);
    if ((await clients.ask<number>('deliveries')) === subscribers) break;
    if (attempt === 50) throw new Error('not all subscribers get what is sent');
  }
  await clients.ask('begin');
  await atRate({ count: 100, perSecond: 100, together: 1 }, () => send([text]));
  await arrive(clients, 100 * subscribers);
}

async function run(phase: Phase, { server, clients, send }: Parties): Promise<Measured> {
  const count = phase.perSecond * phase.seconds;
  await clients.ask('begin');
  const before = await server.ask<Usage>('usage');
  const sending: Promise<void>[] = [];
  await atRate({ ...phase, count }, async (numbers) => {
    const sent = send(numbers.map(() => text));
    sending.push(sent);
    // A rate, not a queue: the next commit is begun when it is due.
    if (sending.length % 4 === 0) await sent;
  });
  await Promise.all(sending);
  await arrive(clients, count * subscribers);
  const after = await server.ask<Usage>('usage');
  const delays = await clients.ask<{ p50: number; p99: number }>('delays');
  return { cpu: (after.cpu - before.cpu) / (count * subscribers), ...delays };
}

function report(measured: ReadonlyMap<string, readonly Measured[]>): Report {
  const rows = phases.flatMap((served) => {
    const phase = served.name;
    const of = (name: Name, figure: keyof Measured) =>
      median((measured.get(`${phase}|${name}`) ?? []).map((round) => round[figure]));
    return names
      .filter((name) => servesIn(name, served))
      .map((name) => ({
        load: phase,
        server: name,
        'CPU us/delivery': of(name, 'cpu'),
        'x bare ws': of(name, 'cpu') / of('bare-ws', 'cpu'),
        'x stock yoga': of(name, 'cpu') / of('stock-yoga', 'cpu'),
        'p50 ms': of(name, 'p50'),
        'p99 ms': of(name, 'p99'),
      }));
  });
  return {
    name: 'fanout',
    what: `${subscribers} subscribers in another process, texts of ${textBytes} bytes; medians of ${rounds} rounds. CPU of the server process alone: another process writes, and every server hears of it through Redis.`,
    rows,
  };
}
