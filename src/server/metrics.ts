import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { OnWrite } from '../fanout/rendered.ts';
import { Delays } from './metrics-delays.ts';
import { exposeStates, type MetricsSources } from './metrics-states.ts';
import type { Answered, Outcome, Transport } from './operations.ts';
import type { LimitName } from './rate-limits.ts';

/** What the parts of a server tell as it happens. */
export interface Metrics {
  readonly registry: Registry;
  onAnswered(answered: Answered): void;
  onLive(transport: Transport): () => void;
  onMutation(name: string, outcome: Outcome): void;
  readonly onWrite: Readonly<Record<Transport, OnWrite>>;
  onClosed(code: number): void;
  onSlowSocket(): void;
  onRateLimited(limit: LimitName): void;
  onBatch(size: number): void;
  onPruned(entries: number): void;
  onJobRun(kind: string, outcome: 'done' | 'failed'): void;
  /** From now on these are looked at. */
  watch(sources: MetricsSources): void;
}

/** Operations are called what clients call them: so many names are told apart, the rest is one. */
const mostNames = 100;
const other = 'other';

/** Subscriptions over HTTP are server-sent events. */
const liveTransports = { http: 'sse', websocket: 'websocket' } as const;

/** RFC 6455, graphql-transport-ws, and this server's own. Clients may close with thousands of others. */
const closeCodes: ReadonlySet<number> = new Set([
  1000, 1001, 1002, 1003, 1005, 1006, 1007, 1009, 1011, 1012, 1013, 4400, 4401, 4403, 4406, 4408, 4409, 4429, 4500,
]);

/** One server's metrics, in a registry of its own. Names are listed in the README (`npm run docs`). */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const observers = createObservers(registry);
  let sources: MetricsSources | null = null;

  exposeStates(registry, () => sources);
  return {
    registry,
    ...observers,
    watch(found) {
      sources = found;
    },
  };
}

/** What is counted as it happens. */
function createObservers(registry: Registry): Omit<Metrics, 'registry' | 'watch'> {
  const registers = [registry];
  const operations = new Counter({
    name: 'ovation_operations_total',
    help: `GraphQL operations answered. outcome: OK, or the code of the first error or refusal. name: the first ${mostNames} names are told apart.`,
    labelNames: ['transport', 'type', 'name', 'outcome'],
    registers,
  });
  const durations = new Histogram({
    name: 'ovation_operation_seconds',
    help: "From an operation's arrival to its answer, or to the beginning of a subscription.",
    labelNames: ['transport', 'type'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const subscriptions = new Gauge({
    name: 'ovation_subscriptions',
    help: 'Subscriptions that are live.',
    labelNames: ['transport'],
    registers,
  });
  const mutations = new Counter({
    name: 'ovation_mutations_total',
    help: 'Mutation fields executed, several in one operation counted each. outcome: OK, or the code of its refusal.',
    labelNames: ['mutation', 'outcome'],
    registers,
  });
  const rateLimited = new Counter({
    name: 'ovation_rate_limited_total',
    help: 'Refusals because of a rate limit.',
    labelNames: ['limit'],
    registers,
  });
  const closed = new Counter({
    name: 'ovation_sockets_closed_total',
    help: 'WebSockets that are gone, by close code.',
    labelNames: ['code'],
    registers,
  });
  const slow = new Counter({
    name: 'ovation_slow_sockets_total',
    help: 'Connections given up because the client had stopped reading.',
    registers,
  });
  const batches = new Histogram({
    name: 'ovation_commit_batch_size',
    help: 'Chat messages that were committed together.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128],
    registers,
  });
  const pruned = new Counter({
    name: 'ovation_entries_pruned_total',
    help: 'Entries of feeds deleted because their time was over.',
    registers,
  });
  const runs = new Counter({
    name: 'ovation_job_runs_total',
    help: 'Runs of background jobs, by kind. outcome: done or failed.',
    // Not `job`: that is a label of Prometheus' own, for what it scrapes.
    labelNames: ['kind', 'outcome'],
    registers,
  });

  const names = new Set<string>();
  const nameOf = ({ name, type, outcome }: Answered): string => {
    if (type === 'unknown') return 'unknown';
    if (name === null) return 'anonymous';
    if (names.size < mostNames && outcome === 'OK') names.add(name);
    return names.has(name) ? name : other;
  };

  return {
    onAnswered(answered) {
      const { transport, type, outcome, seconds } = answered;
      operations.inc({ transport, type, name: nameOf(answered), outcome });
      durations.observe({ transport, type }, seconds);
    },
    onLive(transport) {
      const labels = { transport: liveTransports[transport] };
      subscriptions.inc(labels);
      return () => subscriptions.dec(labels);
    },
    onMutation: (mutation, outcome) => mutations.inc({ mutation, outcome }),
    onWrite: observeDeliveries(registry),
    onClosed: (code) => closed.inc({ code: closeCodes.has(code) ? code : other }),
    onSlowSocket: () => slow.inc(),
    onRateLimited: (limit) => rateLimited.inc({ limit }),
    onBatch: (size) => batches.observe(size),
    onPruned: (entries) => pruned.inc(entries),
    onJobRun: (kind, outcome) => runs.inc({ kind, outcome }),
  };
}

/** Plain numbers until somebody looks: this happens for every write to every client. */
function observeDeliveries(registry: Registry): Metrics['onWrite'] {
  const delays = new Delays({
    name: 'ovation_commit_to_socket_seconds',
    help: "From an entry's time, by the database's clock just before its commit, to its write to a client. Without replays.",
    registry,
  });
  const results = { sse: 0, websocket: 0 };
  const writes = { sse: 0, websocket: 0 };
  for (const [name, help, counts] of [
    ['ovation_deliveries_total', 'Results of subscriptions written to clients.', results],
    ['ovation_delivery_writes_total', 'Writes they left in: under a burst many results share one.', writes],
  ] as const) {
    new Counter({
      name,
      help,
      labelNames: ['transport'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [transport, count] of Object.entries(counts)) this.inc({ transport }, count);
      },
    });
  }
  const wrote = (over: Transport): OnWrite => {
    const transport = liveTransports[over];
    return (written, since) => {
      results[transport] += written.length;
      writes[transport]++;
      const now = Date.now();
      for (const { occurredAt } of written) {
        if (occurredAt !== null && occurredAt >= since) delays.took(now - occurredAt);
      }
    };
  };
  return { http: wrote('http'), websocket: wrote('websocket') };
}
