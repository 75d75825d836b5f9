import autocannon from 'autocannon';
import { decodeGlobalId } from '../src/global-id.ts';
import { type Actor, createEvent, join, signUp } from '../test/actor.ts';
import type { Usage } from '../test/child.ts';
import { start } from './process.ts';
import { median, type Report } from './report.ts';
import { openStage, type Stage } from './stage.ts';

const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const seconds = 5;
const connections = 20;

const servers = ['ovation', 'plain-yoga'] as const;
type Name = (typeof servers)[number];

const profile = 'username displayName avatarUrl';
const reads = {
  '20 events with their hosts': `{ videoEvents(first: 20) { edges { node { id title status scheduledAt host { id ${profile} } } } } }`,
  'an event with 50 messages': `query($id: ID!) { videoEvent(id: $id) { id title messages(last: 50) { edges { node {
    id text sequence sentAt author { ${profile} } } } } } }`,
} as const;
type Read = keyof typeof reads;

interface Measured {
  perSecond: number;
  /** Microseconds of the server's CPU for each request. */
  cpu: number;
  p99: number;
}

/** Reads as a front end begins with, against Yoga with statements written by hand. */
export async function read(): Promise<Report> {
  const stage = await openStage();
  const measured = new Map<string, Measured[]>();
  try {
    const ids = await fill(stage);
    for (let round = 0; round < rounds; round++) {
      for (const name of servers) await measure(name, { stage, ids, measured });
    }
  } finally {
    await stage.close();
  }
  return report(measured);
}

/** 40 public events; the first has 200 messages of five people. */
async function fill(stage: Stage): Promise<Record<Name, string>> {
  const server = start('servers/ovation.ts', { DATABASE_URL: stage.databaseUrl, REDIS_URL: stage.redisUrl });
  try {
    const url = await server.ask<string>('url');
    const hosts: Actor[] = [];
    for (let n = 0; n < 5; n++) hosts.push(await signUp(url, { role: 'HOST' }));
    const events: string[] = [];
    for (let n = 0; n < 40; n++) events.push(await createEvent(hosts[n % 5] as Actor, 'LIVE'));
    const [first = ''] = events;
    for (const host of hosts.slice(1)) await join(host, first);
    for (let n = 0; n < 200; n++) {
      await (hosts[n % 5] as Actor).mutate('sendMessage', { eventId: first, text: `message ${n} of the show` });
    }
    return { ovation: first, 'plain-yoga': decodeGlobalId(first).id };
  } finally {
    await server.end();
  }
}

async function measure(
  name: Name,
  { stage, ids, measured }: { stage: Stage; ids: Record<Name, string>; measured: Map<string, Measured[]> },
): Promise<void> {
  const server = start(`servers/${name}.ts`, { DATABASE_URL: stage.databaseUrl, REDIS_URL: stage.redisUrl });
  try {
    const url = `${await server.ask<string>('url')}/graphql`;
    for (const what of Object.keys(reads) as Read[]) {
      const body = JSON.stringify({ query: reads[what], variables: { id: ids[name] } });
      const load = { url, connections, method: 'POST' as const, headers: { 'content-type': 'application/json' }, body };
      await expectAnswer(url, body);
      await autocannon({ ...load, duration: 2 });
      const before = await server.ask<Usage>('usage');
      const result = await autocannon({ ...load, duration: seconds });
      const after = await server.ask<Usage>('usage');
      if (result.non2xx > 0 || result.errors > 0)
        throw new Error(`${name} failed ${result.non2xx + result.errors} requests`);
      const key = `${what}|${name}`;
      const figures = {
        perSecond: result['2xx'] / result.duration,
        cpu: (after.cpu - before.cpu) / result['2xx'],
        p99: result.latency.p99,
      };
      measured.set(key, [...(measured.get(key) ?? []), figures]);
    }
  } finally {
    await server.end();
  }
}

/** Throws unless the server answers with data alone: errors come with status 200, too, and fast. */
async function expectAnswer(url: string, body: string): Promise<void> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const answer = (await response.json()) as { data?: object | null; errors?: object[] };
  if (answer.errors !== undefined || !JSON.stringify(answer.data).includes('"node":{')) {
    throw new Error(`no answer from ${url}: ${JSON.stringify(answer).slice(0, 500)}`);
  }
}

function report(measured: ReadonlyMap<string, readonly Measured[]>): Report {
  const of = (key: string, figure: keyof Measured) => median((measured.get(key) ?? []).map((one) => one[figure]));
  const rows = Object.keys(reads).flatMap((what) =>
    servers.map((name) => ({
      read: what,
      server: name,
      'requests/s': of(`${what}|${name}`, 'perSecond'),
      'CPU us/request': of(`${what}|${name}`, 'cpu'),
      'x plain': of(`${what}|${name}`, 'cpu') / of(`${what}|plain-yoga`, 'cpu'),
      'p99 ms': of(`${what}|${name}`, 'p99'),
    })),
  );
  const what = `${connections} connections; CPU of the server's process alone, PostgreSQL's comes on top; medians of ${rounds} rounds of ${seconds} s.`;
  return { name: 'read', what, rows };
}
