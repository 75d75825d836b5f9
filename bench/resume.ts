import { setTimeout as pause } from 'node:timers/promises';
import { feeds } from '../src/feed/entry.ts';
import type { Usage } from '../test/child.ts';
import { arrive } from './arrive.ts';
import { start } from './process.ts';
import { median, type Report } from './report.ts';
import { liveEvent, openStage, type Stage } from './stage.ts';

const subscribers = 500;
const storms = 8;
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const text = 'x'.repeat(250);

const servers = ['ovation', 'page-per-client'] as const;
type Name = (typeof servers)[number];

/** How many entries everybody missed: what the tail still holds, and more than it holds. */
const absences = [
  { name: '100 entries missed', missed: 100, storms },
  { name: '1,500 entries missed', missed: 1500, storms: 2 },
] as const;
type Absence = (typeof absences)[number];

const query = `subscription($eventId: ID!, $after: String) { videoEventFeed(eventId: $eventId, after: $after) {
  __typename ... on FeedItem { cursor sequence occurredAt } ... on MessageSent { message { text author { displayName } } } } }`;

interface Measured {
  /** Milliseconds of the server's CPU for each subscriber that came back. */
  cpu: number;
  /** From the first connection to the last missed entry of the last subscriber, in ms. */
  caughtUp: number;
  /** Reads of the log for each storm. */
  reads: number;
}

/** Everybody comes back at once behind what they had, against a query for each of them. */
export async function resume(): Promise<Report> {
  const stage = await openStage();
  const measured = new Map<string, Measured[]>();
  try {
    for (let round = 0; round < rounds; round++) {
      for (const name of servers) await measure(name, stage, measured);
    }
  } finally {
    await stage.close();
  }
  const of = (key: string, figure: keyof Measured) => median((measured.get(key) ?? []).map((one) => one[figure]));
  return {
    name: 'resume',
    what: `${subscribers} subscribers are cut off, miss entries, and come back at the same moment; medians of all storms of ${rounds} rounds.`,
    rows: absences.flatMap(({ name: absence }) =>
      servers.map((name) => ({
        absence,
        server: name,
        'CPU ms/subscriber': of(`${absence}|${name}`, 'cpu'),
        'x page per client': of(`${absence}|${name}`, 'cpu') / of(`${absence}|page-per-client`, 'cpu'),
        'all caught up after ms': of(`${absence}|${name}`, 'caughtUp'),
        'reads of the log/storm': of(`${absence}|${name}`, 'reads'),
      })),
    ),
  };
}

async function measure(name: Name, stage: Stage, measured: Map<string, Measured[]>): Promise<void> {
  const server = start(`servers/${name}.ts`, { DATABASE_URL: stage.databaseUrl, REDIS_URL: stage.redisUrl });
  const clients = start('subscribers.ts');
  const helper =
    name === 'ovation'
      ? null
      : start('servers/ovation.ts', { DATABASE_URL: stage.databaseUrl, REDIS_URL: stage.redisUrl });
  try {
    const url = await server.ask<string>('url');
    // The peer has no events of its own: Ovation makes one.
    const { eventId, rowId } = await liveEvent(helper === null ? url : await helper.ask<string>('url'));
    await helper?.end();
    if (name !== 'ovation') await server.ask('follow', feeds.event(rowId));

    async function storm({ missed }: Absence): Promise<Measured> {
      const after = await stage.cursor(rowId);
      for (let n = 0; n < missed; n += 50)
        await stage.append(
          rowId,
          Array.from({ length: 50 }, () => text),
        );
      await pause(500);
      await clients.ask('begin');
      const readsBefore = await server.ask<number>('reads');
      const before = await server.ask<Usage>('usage');
      const startedAt = performance.now();
      await clients.ask('storm', { url, count: subscribers, query, variables: { eventId, after } });
      await arrive(clients, missed * subscribers);
      const caughtUp = performance.now() - startedAt;
      const after_ = await server.ask<Usage>('usage');
      const reads = (await server.ask<number>('reads')) - readsBefore;
      await clients.ask('leave');
      await pause(500);
      return { cpu: (after_.cpu - before.cpu) / 1000 / subscribers, caughtUp, reads };
    }

    // The first loads what is loaded once.
    await storm(absences[0]);
    for (const absence of absences) {
      const key = `${absence.name}|${name}`;
      for (let n = 0; n < absence.storms; n++) measured.set(key, [...(measured.get(key) ?? []), await storm(absence)]);
    }
  } finally {
    await clients.end();
    await server.end();
    await helper?.end();
  }
}
