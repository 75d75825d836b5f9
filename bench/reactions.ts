import { start } from './process.ts';
import { median, type Report } from './report.ts';
import { liveEvent, openStage, type Stage } from './stage.ts';

const senders = 50;
const seconds = 6;
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);

const servers = [
  { name: 'group commit', env: {} },
  { name: 'one transaction a reaction', env: { LARGEST_BATCH: '1' } },
] as const;
/** Taps that a client sends together. */
const counts = [1, 10];

interface Measured {
  perSecond: number;
  p50: number;
  p99: number;
}

/** react through GraphQL over WebSocket into one event, authenticated: with group commit, and with a transaction for each reaction. */
export async function reactions(): Promise<Report> {
  const stage = await openStage();
  const measured = new Map<string, Measured[]>();
  try {
    // Round by round, so that a noisy minute of the machine meets all of them.
    for (let round = 0; round < rounds; round++) {
      for (const { name, env } of servers) {
        for (const taps of counts) {
          const key = `${taps}|${name}`;
          measured.set(key, [...(measured.get(key) ?? []), await measure(stage, env, taps)]);
        }
      }
    }
  } finally {
    await stage.close();
  }
  return report(measured);
}

async function measure(stage: Stage, env: Record<string, string>, taps: number): Promise<Measured> {
  const server = start('servers/ovation.ts', {
    ...env,
    DATABASE_URL: stage.databaseUrl,
    REDIS_URL: stage.redisUrl,
  });
  const clients = start('senders.ts');
  try {
    const url = await server.ask<string>('url');
    const { eventId } = await liveEvent(url);
    await clients.ask('prepare', { url, eventId, count: senders, over: 'WebSocket', taps });
    await clients.ask('run', { seconds: 2 });
    const { acknowledged, delays } = await clients.ask<{ acknowledged: number; delays: number[] }>('run', { seconds });
    const sorted = delays.sort((a, b) => a - b);
    return {
      perSecond: acknowledged / seconds,
      p50: median(sorted),
      p99: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
    };
  } finally {
    await clients.end();
    await server.end();
  }
}

function report(measured: ReadonlyMap<string, readonly Measured[]>): Report {
  const of = (key: string, figure: keyof Measured) => median((measured.get(key) ?? []).map((one) => one[figure]));
  const rows = counts.flatMap((taps) =>
    servers.map(({ name }) => {
      const key = `${taps}|${name}`;
      const plain = `${taps}|${servers[1].name}`;
      return {
        server: name,
        'taps a mutation': taps,
        'mutations/s': of(key, 'perSecond'),
        'reactions/s': of(key, 'perSecond') * taps,
        'x one transaction each': of(key, 'perSecond') / of(plain, 'perSecond'),
        'p50 ms': of(key, 'p50'),
        'p99 ms': of(key, 'p99'),
      };
    }),
  );
  const what = `${senders} people react to one event over WebSocket, authenticated; each sends the next when it has the answer; medians of ${rounds} rounds of ${seconds} s. PostgreSQL, server and senders share the machine.`;
  return { name: 'reactions', what, rows };
}
