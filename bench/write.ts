import pg from 'pg';
import type { Child } from '../test/child.ts';
import { start } from './process.ts';
import { median, type Report } from './report.ts';
import { liveEvent, openStage, type Stage } from './stage.ts';

const senders = 50;
const seconds = 6;
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);

/** What messages earn: now and then, seldom, and at first. */
const threeRules = [
  { title: 'Talking', points: 1, cooldownSeconds: 5 },
  { title: 'Still talking', points: 5, cooldownSeconds: 60 },
  { title: 'Beginning to talk', points: 10, maxPerEvent: 10 },
];
/** Each message is a line in the ledger, and one in its author's feed. */
const everyMessage = [{ title: 'Talking', points: 1 }];

const servers = [
  { name: 'group commit', env: {}, rules: [] },
  { name: 'group commit, three rules', env: {}, rules: threeRules },
  { name: 'group commit, each message pays', env: {}, rules: everyMessage },
  { name: 'one transaction a message', env: { LARGEST_BATCH: '1' }, rules: [] },
] as const;
const transports = ['WebSocket', 'HTTP'] as const;

/** What the machine gives a server that does nothing with a message, over HTTP: by this, runs of different hours compare. */
const bare = 'bare Yoga, which keeps nothing';

interface Measured {
  perSecond: number;
  p50: number;
  p99: number;
  /** Transactions that PostgreSQL committed for each acknowledged message. */
  transactions: number;
  /** p50 of one sender on an otherwise idle event, in ms. */
  lone: number;
}

/**
 * sendMessage through GraphQL into one hot event, authenticated: with group commit, the same where each message may earn points, and
 * with a transaction for each message.
 */
export async function write(): Promise<Report> {
  const stage = await openStage();
  const measured = new Map<string, Measured[]>();
  try {
    // Round by round, so that a noisy minute of the machine meets all of them.
    for (let round = 0; round < rounds; round++) {
      const key = `HTTP|${bare}`;
      measured.set(key, [...(measured.get(key) ?? []), await measureBare()]);
      for (const server of servers) {
        for (const over of transports) {
          const key = `${over}|${server.name}`;
          measured.set(key, [...(measured.get(key) ?? []), await measure(stage, server, over)]);
        }
      }
    }
  } finally {
    await stage.close();
  }
  return report(measured);
}

async function measure(
  stage: Stage,
  { env, rules }: (typeof servers)[number],
  over: (typeof transports)[number],
): Promise<Measured> {
  const server = start('servers/ovation.ts', {
    ...env,
    DATABASE_URL: stage.databaseUrl,
    REDIS_URL: stage.redisUrl,
  });
  const clients = start('senders.ts');
  try {
    const url = await server.ask<string>('url');
    const { eventId, host } = await liveEvent(url);
    for (const rule of rules) await host.mutate('createRewardRule', { eventId, trigger: 'MESSAGE', ...rule });
    await clients.ask('prepare', { url, eventId, count: senders, over });
    await clients.ask('run', { seconds: 2 });
    const before = await commits(stage.databaseUrl);
    const { acknowledged, ...rushed } = await rush(clients);
    const after = await commits(stage.databaseUrl);
    return { ...rushed, transactions: (after - before) / acknowledged, lone: await loneDelay(clients) };
  } finally {
    await clients.end();
    await server.end();
  }
}

async function measureBare(): Promise<Measured> {
  const server = start('servers/bare-yoga.ts');
  const clients = start('senders.ts');
  try {
    const url = await server.ask<string>('url');
    await clients.ask('prepare', { url, eventId: 'an event', count: senders, over: 'HTTP', anonymous: true });
    await clients.ask('run', { seconds: 2 });
    return { ...(await rush(clients)), transactions: 0, lone: await loneDelay(clients) };
  } finally {
    await clients.end();
    await server.end();
  }
}

/** All of them send for a while. */
async function rush(clients: Child): Promise<{ acknowledged: number; perSecond: number; p50: number; p99: number }> {
  const { acknowledged, delays } = await clients.ask<{ acknowledged: number; delays: number[] }>('run', { seconds });
  const sorted = delays.sort((a, b) => a - b);
  return {
    acknowledged,
    perSecond: acknowledged / seconds,
    p50: median(sorted),
    p99: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
  };
}

async function loneDelay(clients: Child): Promise<number> {
  const { delays } = await clients.ask<{ delays: number[] }>('run', { seconds: 3, only: 1, restMs: 30 });
  return median(delays);
}

/** Transactions committed in the database so far. A server reports its own once a second or so: read with some patience. */
async function commits(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ top: string }>(
      'SELECT xact_commit AS top FROM pg_stat_database WHERE datname = current_database()',
    );
    return Number(rows[0]?.top ?? 0);
  } finally {
    await client.end();
  }
}

function report(measured: ReadonlyMap<string, readonly Measured[]>): Report {
  const of = (key: string, figure: keyof Measured) => median((measured.get(key) ?? []).map((one) => one[figure]));
  const row = (over: (typeof transports)[number], server: string) => {
    const key = `${over}|${server}`;
    const [grouped, , , plain] = servers.map(({ name }) => `${over}|${name}`);
    return {
      over,
      server,
      'messages/s': of(key, 'perSecond'),
      'x bare Yoga': of(key, 'perSecond') / of(`HTTP|${bare}`, 'perSecond'),
      'x no rules': of(key, 'perSecond') / of(grouped ?? key, 'perSecond'),
      'x one transaction each': of(key, 'perSecond') / of(plain ?? key, 'perSecond'),
      'transactions/message': of(key, 'transactions'),
      'p50 ms': of(key, 'p50'),
      'p99 ms': of(key, 'p99'),
      'lone sender p50 ms': of(key, 'lone'),
    };
  };
  const machine = { ...row('HTTP', bare), 'x no rules': Number.NaN, 'x one transaction each': Number.NaN };
  const rows = [machine, ...transports.flatMap((over) => servers.map(({ name }) => row(over, name)))];
  const what = `${senders} senders on one event, authenticated; medians of ${rounds} rounds of ${seconds} s. PostgreSQL, server and senders share the machine.`;
  return { name: 'write', what, rows };
}
