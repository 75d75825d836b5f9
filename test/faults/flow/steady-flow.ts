import { decodeGlobalId } from '../../../src/global-id.ts';
import { createEvent, signUp } from '../../actor.ts';
import { Child } from '../../child.ts';
import { until } from '../../wait.ts';
import type { Cluster } from '../cluster.ts';
import { told } from '../oracle.ts';
import { cursorOf } from '../stage.ts';
import type { Judgement, WatchersOptions } from './watchers.ts';
import type { WriterOptions, Written } from './writer.ts';

export interface FlowOptions {
  redisUrl: string;
  /** Where the watchers connect. @default the cluster's instances */
  urls?: readonly string[];
  /** @default 4 */
  events?: number;
  /** Watchers of each event, spread over the instances. @default 3 */
  each?: number;
  /** Entries a second over all events. A machine that cannot keep up does what it can. @default 1000 */
  rate?: number;
  /** Entries of one transaction. @default 10 */
  together?: number;
  /** Of each text. @default 100 */
  characters?: number;
}

/** How it went: figures to print, and a verdict to assert. */
export interface Flowed extends Judgement {
  /** Entries whose commit was acknowledged. */
  acknowledged: number;
  perSecond: number;
  /** Transactions of the writer that failed. */
  failures: number;
}

/**
 * A steady flow of entries through several live events, while a test breaks things: written by one process, watched by another,
 * so that neither is slowed by the test or by the other.
 */
export class SteadyFlow {
  readonly events: readonly { eventId: string; after: string }[];
  readonly #writer = new Child(new URL('./writer.ts', import.meta.url)).standsForOtherMachines('comes first');
  readonly #watchers = new Child(new URL('./watchers.ts', import.meta.url)).standsForOtherMachines('comes first');
  readonly #databaseUrl: string;

  private constructor(events: readonly { eventId: string; after: string }[], databaseUrl: string) {
    this.events = events;
    this.#databaseUrl = databaseUrl;
  }

  /** Resolves when everybody watches and the first entries have arrived. End it with `ends`, also when the test fails. */
  static async start(cluster: Pick<Cluster, 'urls' | 'databaseUrl'>, options: FlowOptions): Promise<SteadyFlow> {
    const { events = 4, each = 3, rate = 1000, together = 10, characters = 100 } = options;
    const host = await signUp(cluster.urls[0] ?? '', { role: 'HOST' });
    const stages = [];
    for (let place = 0; place < events; place++) {
      const eventId = await createEvent(host, 'LIVE');
      stages.push({ eventId, after: await cursorOf(host, eventId) });
    }
    const flow = new SteadyFlow(stages, cluster.databaseUrl);
    try {
      const watching: WatchersOptions = { urls: options.urls ?? cluster.urls, events: stages, each };
      await flow.#watchers.ask('watch', watching);
      const everybody = async () => (await flow.#watchers.ask<number>('connected')) === events * each;
      await until(everybody, { what: 'everybody to be connected' });
      const writing: WriterOptions = {
        databaseUrl: cluster.databaseUrl,
        redisUrl: options.redisUrl,
        events: stages.map(({ eventId }) => decodeGlobalId(eventId).id),
        userId: decodeGlobalId(host.id).id,
        rate,
        together,
        characters,
      };
      await flow.mark('undisturbed');
      await flow.#writer.ask('begin', writing);
      await flow.lasts(events * together);
      const arrived = async () => (await flow.#watchers.ask<number>('received')) >= events * each;
      await until(arrived, { what: 'the first entries to arrive' });
      return flow;
    } catch (error) {
      await flow.ends();
      throw error;
    }
  }

  /** From here on delays count for this stretch of the flow. */
  mark(name: string): Promise<void> {
    return this.#watchers.ask('mark', name);
  }

  /** Resolves when so many more entries are committed. */
  async lasts(entries: number, limitMs = 120_000): Promise<void> {
    const written = () => this.#writer.ask<number>('written');
    const wanted = (await written()) + entries;
    await until(async () => (await written()) >= wanted, { limitMs, what: `${entries} more entries` });
  }

  /** Cuts the connections of this share of the watchers; they come back by themselves. */
  cut(share = 1): Promise<number> {
    return this.#watchers.ask('cut', share);
  }

  /** Ends the writing, waits until everybody has everything, and judges. */
  async judged(limitMs = 60_000): Promise<Flowed> {
    const { acknowledged, tried, seconds, failures } = await this.#writer.ask<Written>('stop');
    const judgement = await this.#watchers.ask<Judgement>('judge', {
      databaseUrl: this.#databaseUrl,
      acknowledged,
      tried,
      limitMs,
    });
    const count = acknowledged.reduce((sum, texts) => sum + texts.length, 0);
    return { ...judgement, acknowledged: count, perSecond: Math.round(count / seconds), failures };
  }

  async ends(): Promise<void> {
    await Promise.all([this.#writer.end(), this.#watchers.end()]);
  }
}

/** The figures of a flow, in a line. */
export function toldFlow(name: string, flowed: Flowed): string {
  const stretches = flowed.stretches.map(
    ({ name, delays: { p50, p99, max }, received }) =>
      `${name}: ${received} received, p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`,
  );
  return (
    `${name}: ${flowed.perSecond} entries/s, ${told(flowed.verdict)}, acknowledged and not in the log ${flowed.unknown}, ` +
    `${flowed.reconnections} reconnections, closes ${JSON.stringify(flowed.closes)}; ${stretches.join('; ')}`
  );
}
