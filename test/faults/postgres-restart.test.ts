import { expect, test } from 'vitest';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { useBreakablePostgres } from './breakable-postgres.ts';
import { useCluster } from './cluster.ts';
import { SteadyFlow, toldFlow } from './flow/steady-flow.ts';
import { compare, flawless, readLog, spread, told } from './oracle.ts';
import { setStage } from './stage.ts';
import { Swarm } from './swarm.ts';
import { type Refusal, Traffic } from './traffic.ts';

const watching = 6;
/** Each waits for the acknowledgement of one message before the next: so many mutations are in flight at any time. */
const senders = 200;

const toldRefusals = (refusals: readonly Refusal[]): string =>
  `${spread(refusals.map(({ afterMs }) => afterMs))} (${refusals.length})`;

describeRedis('PostgreSQL crashes and comes back while 200 mutations are in flight', () => {
  const redis = useRedis();
  const postgres = useBreakablePostgres();
  const cluster = useCluster({ redisUrl: () => redis.url, databaseUrl: () => postgres.url });

  test('sockets stay, each mutation takes effect once, nothing acknowledged is missing, feeds go on by themselves', async () => {
    const { eventId, cursor, participants } = await setStage(cluster, { participants: senders });
    const [reader] = participants;
    const { urls } = cluster;
    const flow = await SteadyFlow.start(cluster, { redisUrl: redis.url });
    const swarm = new Swarm({ count: watching, urls, eventId, after: cursor });
    try {
      const traffic = new Traffic({ senders: participants, urls, eventId });
      await Promise.all([traffic.flows(2 * senders), flow.lasts(1000)]);
      await swarm.reaches(traffic.sent[0]?.sequence ?? 0);

      await flow.mark('PostgreSQL away');
      const away = performance.now();
      const inFlight = traffic.underWay;
      await postgres.crash();
      const gone = performance.now();
      await until(() => traffic.refusals.filter(({ at }) => at > gone).length >= 30, {
        what: 'writes to be refused',
      });
      const readiness = await Promise.all(cluster.instances.map((instance) => instance.ready()));
      const reading = await reader?.post('query($id: ID!) { videoEvent(id: $id) { title } }', { id: eventId });
      await postgres.startAgain();
      const back = performance.now();
      const last = Math.max(...traffic.sent.map(({ sequence }) => sequence));
      const writtenMs = traffic.flows(1).then(() => performance.now() - back);
      // Whoever has what follows the last acknowledged entry has it from after the crash, or from its very moment.
      const deliveredMs = swarm.reaches(last + 1).then(() => performance.now() - back);
      const [firstWriteMs, everybodyMs] = await Promise.all([writtenMs, deliveredMs]);
      await flow.mark('PostgreSQL back');
      await Promise.all([traffic.flows(2 * senders), flow.lasts(2000)]);
      const sent = await traffic.stop();
      const flowed = await flow.judged();
      await swarm.reaches(Math.max(...sent.map(({ sequence }) => sequence)));

      const log = (await readLog(cluster.databaseUrl, eventId)).filter(({ kind }) => kind === 'MessageSent');
      const verdict = compare(log, swarm.received);
      const retried = sent.filter(({ attempts }) => attempts > 1);
      console.log(
        `PostgreSQL restart: ${told(verdict)}; away for ${Math.round(back - away)} ms with ${inFlight} mutations in flight, ` +
          `first write ${Math.round(firstWriteMs)} ms after, every feed on again ${Math.round(everybodyMs)} ms after; ` +
          `${sent.length} messages, ${retried.length} of them retried, refused in flight after ` +
          `${toldRefusals(traffic.refusals.filter(({ at }) => at < gone))}, later after ` +
          `${toldRefusals(traffic.refusals.filter(({ at }) => at >= gone))}\n${toldFlow('beside it', flowed)}`,
      );
      expect(inFlight).toBe(senders);
      expect(retried.length).toBeGreaterThan(0);
      expect(new Set(traffic.refusals.map(({ code }) => code))).toEqual(new Set(['UNAVAILABLE']));
      expect(readiness.map(({ httpStatus, status }) => [httpStatus, status])).toEqual(
        Array.from({ length: 3 }, () => [503, 'unavailable']),
      );
      expect(reading?.errors?.[0]?.extensions?.code).toBe('UNAVAILABLE');
      expect(verdict).toEqual(flawless(log.length * watching));
      // Each once in the log, where its sender was told, however often it was sent.
      expect(log.map(({ sequence, text }) => `${sequence} ${text}`)).toEqual(
        [...sent].sort((a, b) => a.sequence - b.sequence).map(({ sequence, text }) => `${sequence} ${text}`),
      );
      const socketsStayed = swarm.watchers.map(({ connections, resets, ended }) => [connections, resets.length, ended]);
      expect(socketsStayed).toEqual(Array.from({ length: watching }, () => [1, 0, null]));
      expect(flowed).toMatchObject({
        verdict: flawless(flowed.verdict.expected),
        unknown: 0,
        resets: 0,
        reconnections: 0,
        ends: [],
      });
      expect(flowed.failures).toBeGreaterThan(0);
    } finally {
      await Promise.all([swarm.close(), flow.ends()]);
    }
  }, 120_000);
});
