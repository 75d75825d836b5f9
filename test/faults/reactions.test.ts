import { afterAll, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { Child } from '../child.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { soak } from '../soak.ts';
import { until } from '../wait.ts';
import { useCluster } from './cluster.ts';
import { EventStream } from './event-stream.ts';
import { compare, flawless, readLog, spread, told } from './oracle.ts';
import type { Reacted, ReactOptions } from './reactions/reactors.ts';
import { select } from './sql.ts';
import { type Stage, setStage } from './stage.ts';
import { Swarm } from './swarm.ts';

const seconds = soak ? 30 : 5;
const people = 100;
/** Reactions of `taps` each: 10,000 taps a second. */
const perSecond = 1000;
const taps = 10;
const emoji = ['❤️', '👏', '😂', '😮', '🎉', '🔥'];

const pulseDocument = 'subscription($id: ID!) { videoEventPulse(eventId: $id) { reactions { emoji total } } }';

type Totals = Record<string, number>;
const totalsOf = (tallies: readonly { emoji: string; total: number }[]): Totals =>
  Object.fromEntries(tallies.map(({ emoji, total }) => [emoji, total]));

describeRedis('10,000 reactions a second to one event, over three instances', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url });
  const reactors = new Child(new URL('./reactions/reactors.ts', import.meta.url));
  afterAll(() => reactors.end());

  const tap = ({ eventId, participants }: Stage): Promise<Reacted> => {
    const tokens = participants.map(({ signedIn }) => signedIn.accessToken);
    const options: ReactOptions = { urls: cluster.urls, eventId, tokens, emoji, taps, perSecond, seconds };
    return reactors.ask<Reacted>('react', options);
  };

  /** What PostgreSQL has of the event's reactions, in three places. */
  async function counted(eventId: string): Promise<{ tallies: Totals; engagements: Totals; told: Totals }> {
    const { id } = decodeGlobalId(eventId);
    const sums = async (query: string, key: string) =>
      totalsOf(await select<{ emoji: string; total: number }>(cluster.databaseUrl, query, [key]));
    return {
      tallies: await sums('SELECT emoji, total::float8 AS total FROM "ReactionTally" WHERE "eventId" = $1', id),
      engagements: await sums(
        `SELECT emoji, sum(count)::float8 AS total FROM "EngagementLog"
         WHERE "eventId" = $1 AND "engagementType" = 'REACTION' GROUP BY emoji`,
        id,
      ),
      told: await sums(
        `SELECT t->>'emoji' AS emoji, sum((t->>'count')::bigint)::float8 AS total
         FROM "FeedEntry", jsonb_array_elements(payload->'tallies') AS t WHERE feed = $1 AND kind = 'ReactionsCounted' GROUP BY 1`,
        `event:${id}`,
      ),
    };
  }

  /** Resolves when the feed has told of every reaction, with what PostgreSQL has then. */
  async function settled(eventId: string): Promise<Awaited<ReturnType<typeof counted>>> {
    const sum = (totals: Totals) => Object.values(totals).reduce((all, total) => all + total, 0);
    return until(
      async () => {
        const found = await counted(eventId);
        return sum(found.told) === sum(found.tallies) && found;
      },
      { what: 'the feed to have told of all', limitMs: 30_000 },
    );
  }

  const acknowledgedTaps = ({ acknowledged }: Reacted): Totals =>
    Object.fromEntries(Object.entries(acknowledged).map(([name, times]) => [name, times * taps]));

  test('every acknowledged one is counted, logged and told, and nobody who watches is told too often', async () => {
    const stage = await setStage(cluster, { participants: people });
    const { eventId, cursor } = stage;
    const swarm = new Swarm({ count: 150, urls: cluster.urls, eventId, after: cursor });
    const openedAt = performance.now();
    const pulses = Array.from(
      { length: 30 },
      (_, place) => new EventStream(cluster.urls[place % 3] ?? '', null, pulseDocument, { id: eventId }),
    );
    await Promise.all(pulses.map((pulse) => pulse.has(1)));
    const before = cluster.instances.map((instance) => instance.rss());

    const reacted = await tap(stage);
    const { tallies, engagements, told: stated } = await settled(eventId);
    const last = (pulse: EventStream): Totals => totalsOf(pulse.results.at(-1)?.data.videoEventPulse.reactions);
    await until(
      () => pulses.every((pulse) => JSON.stringify(last(pulse)) === JSON.stringify(last(pulses[0] ?? pulse))),
      {
        what: 'one pulse for all',
      },
    );
    await until(() => sumOf(last(pulses[0] ?? fail())) === sumOf(tallies), {
      what: 'the pulse to be right',
    });
    const log = await readLog(cluster.databaseUrl, eventId);
    await swarm.reaches(log.at(-1)?.sequence ?? 0);
    const watchedSeconds = (performance.now() - openedAt) / 1000;
    const updates = pulses.map(({ results }) => results.length);
    const after = cluster.instances.map((instance) => instance.rss());
    await swarm.close();
    for (const pulse of pulses) pulse.close();

    const facts = log.filter(({ kind }) => kind === 'ReactionsCounted');
    const occurredAt = new Map(facts.map((fact) => [fact.sequence, fact.occurredAt - performance.timeOrigin]));
    const delays = swarm.received.flat().flatMap(({ sequence, at }) => at - (occurredAt.get(sequence) ?? at));
    const verdict = compare(
      log.filter(({ sequence }) => sequence > (swarm.watchers[0]?.start ?? 0)),
      swarm.received,
    );
    console.log(
      `reactions: ${sumOf(acknowledgedTaps(reacted))} taps acknowledged in ${reacted.seconds.toFixed(1)} s, offered in ${seconds} s; ` +
        `acknowledgement p50 ${reacted.p50} ms, p99 ${reacted.p99} ms; refusals ${JSON.stringify(reacted.refusals)}; ` +
        `${facts.length} entries, ${told(verdict)}, from commit to subscriber ${spread(delays)}; ` +
        `pulse updates ${Math.max(...updates)} in ${watchedSeconds.toFixed(1)} s at most; memory ${before} -> ${after} MiB`,
    );
    expect(Object.keys(reacted.refusals).filter((code) => code !== 'UNAVAILABLE')).toEqual([]);
    expect(sumOf(acknowledgedTaps(reacted))).toBe(perSecond * seconds * taps);
    expect(tallies).toEqual(acknowledgedTaps(reacted));
    expect(engagements).toEqual(tallies);
    expect(stated).toEqual(tallies);
    expect(last(pulses[0] ?? fail())).toEqual(tallies);
    expect(verdict).toEqual(flawless(verdict.expected));
    expect(facts.length).toBeGreaterThan(1);
    // Each a second after the one before, or more: times are kept to the millisecond.
    const gaps = facts.slice(1).map(({ occurredAt }, place) => occurredAt - (facts[place]?.occurredAt ?? 0));
    expect(gaps.filter((gap) => gap < 999)).toEqual([]);
    // The first at once, and then four a second at most.
    expect(Math.max(...updates)).toBeLessThanOrEqual(4 * watchedSeconds + 1);
  }, 240_000);

  test('an instance is killed midway: whoever tries again elsewhere under the same key is counted once', async () => {
    const stage = await setStage(cluster, { participants: people });
    const { eventId } = stage;
    const reacting = tap(stage);
    const half = (perSecond * seconds) / 2;
    await Promise.race([
      reacting,
      until(async () => (await reactors.ask<number>('acknowledged')) > half, {
        what: 'half of them',
        limitMs: 120_000,
      }),
    ]);
    const { signal } = await cluster.instance(2).kill();
    const reacted = await reacting;
    const { tallies, engagements, told: stated } = await settled(eventId);
    console.log(
      `reactions, an instance killed: ${sumOf(acknowledgedTaps(reacted))} taps acknowledged in ${reacted.seconds.toFixed(1)} s, ` +
        `${reacted.retried} reactions retried; p50 ${reacted.p50} ms, p99 ${reacted.p99} ms; refusals ${JSON.stringify(reacted.refusals)}`,
    );
    expect(signal).toBe('SIGKILL');
    expect(reacted.retried).toBeGreaterThan(0);
    expect(Object.keys(reacted.refusals).filter((code) => code !== 'UNAVAILABLE')).toEqual([]);
    expect(sumOf(acknowledgedTaps(reacted))).toBe(perSecond * seconds * taps);
    expect(tallies).toEqual(acknowledgedTaps(reacted));
    expect(engagements).toEqual(tallies);
    expect(stated).toEqual(tallies);
  }, 240_000);
});

const sumOf = (totals: Totals): number => Object.values(totals).reduce((all, total) => all + total, 0);

function fail(): never {
  throw new Error('somebody watches the pulse');
}
