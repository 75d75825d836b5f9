import { Counter, Gauge, type Registry } from 'prom-client';
import type { Passwords } from '../auth/passwords.ts';
import type { Database } from '../db/client.ts';
import type { FanOut } from '../fanout/fan-out.ts';
import type { Hub } from '../feed/hub.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { Broker } from '../realtime/broker.ts';

/** What is asked for its state whenever somebody looks. */
export interface MetricsSources {
  hub: Pick<Hub, 'stats'>;
  fanOut: Pick<FanOut, 'stats'> | null;
  broker: Pick<Broker, 'kind' | 'state'>;
  database: Pick<Database, 'pool'>;
  passwords: Pick<Passwords, 'stats'>;
  sockets: { readonly open: number };
  /** Null: this instance does none. */
  jobs: Pick<Jobs, 'lags'> | null;
  /** Null: this instance sends no mail. */
  mailer: Pick<Mailer, 'stats'> | null;
}

/** Registers what is read only when somebody looks. `sourcesNow`: null until the server is complete. */
export function exposeStates(registry: Registry, sourcesNow: () => MetricsSources | null): void {
  const registers = [registry];
  /** What is read when somebody looks: by label, or one value under no label. */
  const look = (
    Metric: typeof Gauge<string> | typeof Counter<string>,
    [name, help, label]: readonly [name: string, help: string, label?: string],
    read: (sources: MetricsSources) => number | Readonly<Record<string, number>>,
  ): void => {
    new Metric({
      name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers,
      collect() {
        const sources = sourcesNow();
        if (sources === null) return;
        const found = read(sources);
        this.reset();
        if (typeof found === 'number') this.inc(found);
        else for (const [value, count] of Object.entries(found)) this.inc({ [label ?? '']: value }, count);
      },
    });
  };
  look(
    Gauge,
    [
      'ovation_feed_subscribers',
      "Cursors over feeds: live subscriptions', and the instance's own, one for each followed event and one for sessions.",
    ],
    ({ hub }) => hub.stats.subscribers,
  );
  look(Gauge, ['ovation_feeds', 'Feeds in use on this instance.'], ({ hub }) => hub.stats.feeds);
  look(
    Counter,
    ['ovation_feed_repairs_total', 'Reads of the log for entries that the broker did not bring.'],
    ({ hub }) => hub.stats.repairs,
  );
  look(
    Counter,
    ['ovation_feed_page_reads_total', 'Pages of the log read for subscribers that resume or fell behind.'],
    ({ hub }) => hub.stats.pageReads,
  );
  look(
    Counter,
    ['ovation_fanout_executions_total', 'Executions of subscriptions: one for each entry and distinct operation.'],
    ({ fanOut }) => fanOut?.stats.executions ?? 0,
  );
  look(
    Gauge,
    ['ovation_fanout_operations', 'Distinct subscriptions that somebody follows.'],
    ({ fanOut }) => fanOut?.stats.operations ?? 0,
  );
  look(
    Gauge,
    ['ovation_broker_up', '1: messages between instances arrive; 0: feeds come from the log alone. By kind.', 'kind'],
    ({ broker: { kind, state } }) => ({ [kind]: state === 'up' ? 1 : 0 }),
  );
  look(
    Gauge,
    ['ovation_database_pool', 'Connections to PostgreSQL (total, idle), and callers that wait for one.', 'state'],
    ({ database }) => database.pool,
  );
  look(
    Gauge,
    ['ovation_password_hashes', 'Passwords that are hashed or checked now, and callers that wait for that.', 'state'],
    ({ passwords }) => ({ running: passwords.stats.running, waiting: passwords.stats.waiting }),
  );
  look(Gauge, ['ovation_sockets', 'Open WebSockets.'], ({ sockets }) => sockets.open);
  look(
    Gauge,
    ['ovation_job_lag_seconds', 'By how much the oldest background job of a kind is late; 0: none is.', 'kind'],
    ({ jobs }) => jobs?.lags ?? {},
  );
  look(
    Counter,
    ['ovation_mails_total', 'Mails. outcome: sent, to the mail server or the outbox, or failed for good.', 'outcome'],
    ({ mailer }) => ({ sent: mailer?.stats.sent ?? 0, failed: mailer?.stats.failed ?? 0 }),
  );
}
