import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { isAlive } from '../../src/db/embedded/processes.ts';
import { decodeGlobalId } from '../../src/global-id.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { postmasterOf } from './breakable-postgres.ts';
import { useCluster } from './cluster.ts';
import { EventStream } from './event-stream.ts';
import { readLog } from './oracle.ts';
import { setStage } from './stage.ts';
import { feedDocument, Watcher } from './swarm.ts';

describeRedis('an instance gets SIGTERM', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url, instances: 1 });

  test('it is not ready, sends sockets away with 1012, ends streams, finishes what runs, and exits with 0', async () => {
    const leaving = await cluster.start();
    const { eventId, cursor, participants } = await setStage(cluster, { participants: 1 });
    const author = participants[0]?.at(leaving.url);
    const watcher = new Watcher({ urls: [leaving.url, cluster.instance(0).url], eventId, after: cursor });
    const stream = new EventStream(leaving.url, null, feedDocument, { eventId, after: cursor });
    await author?.mutate('sendMessage', { eventId, text: 'before' });
    await stream.has(1);
    await until(() => watcher.received.length === 1, { what: 'the message' });
    expect((await leaving.ready()).httpStatus).toBe(200);

    // The feed's row is locked from here: a message waits for it inside its transaction.
    const holder = new pg.Client({ connectionString: cluster.databaseUrl });
    await holder.connect();
    await holder.query('BEGIN');
    const feed = `event:${decodeGlobalId(eventId).id}`;
    await holder.query('SELECT 1 FROM "Feed" WHERE name = $1 FOR UPDATE', [feed]);
    const inFlight = author?.mutate('sendMessage', { eventId, text: 'in flight' }, 'sentMessage { text }');
    await until(
      async () => {
        const { rows } = await holder.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return rows.length > 0;
      },
      { what: 'the message to wait for the lock' },
    );

    const ending = leaving.endBy('SIGTERM');
    await until(() => watcher.closes.length > 0, { what: 'the socket to be closed' });
    await until(() => stream.over, { what: 'the stream to end' });
    const ready = await leaving.ready().catch(() => null);
    expect(ready?.httpStatus ?? 503).toBe(503);
    expect(leaving.alive).toBe(true);
    await holder.query('COMMIT');
    await holder.end();

    expect(await inFlight).toMatchObject({ sentMessage: { text: 'in flight' } });
    const { code, signal, afterMs } = await ending;
    await until(() => watcher.received.length === 2, { what: 'the message on the other instance' });
    await watcher.close();
    console.log(`drain: exit code ${code} after ${Math.round(afterMs)} ms, sockets closed with ${watcher.closes[0]}`);
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(afterMs).toBeLessThan(10_000);
    expect(watcher.closes[0]).toBe(1012);
    expect(stream.completed).toBe(true);
    expect(watcher.received.map(({ text }) => text)).toEqual(['before', 'in flight']);
    expect(await readLog(cluster.databaseUrl, eventId, watcher.received[0]?.sequence)).toHaveLength(1);
  });

  test('a client that does not read does not keep it from leaving in time', async () => {
    const leaving = await cluster.start();
    const { eventId, cursor } = await setStage(cluster, { participants: 0 });
    const watcher = new Watcher({ urls: [leaving.url, cluster.instance(0).url], eventId, after: cursor });
    await until(() => watcher.connections === 1, { what: 'the socket' });
    watcher.socket?.pause();
    const { code, afterMs } = await leaving.endBy('SIGTERM');
    watcher.socket?.resume();
    await watcher.close();
    console.log(`drain with a client that does not read: exit code ${code} after ${Math.round(afterMs)} ms`);
    expect(code).toBe(0);
    expect(afterMs).toBeLessThan(10_000);
  });

  test('it takes its embedded PostgreSQL along', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'ovation-embedded-'));
    // PostgreSQL's own account must get through, or its data would be moved elsewhere.
    await chmod(dataDir, 0o755);
    const leaving = await cluster.start({ DATABASE_URL: '', REDIS_URL: '', DATA_DIR: dataDir });
    const postmaster = postmasterOf(await realpath(join(dataDir, 'postgres/cluster')));
    expect(isAlive(postmaster)).toBe(true);
    const { code, afterMs } = await leaving.endBy('SIGTERM');
    console.log(`drain with embedded PostgreSQL: exit code ${code} after ${Math.round(afterMs)} ms`);
    expect(code).toBe(0);
    expect(afterMs).toBeLessThan(10_000);
    expect(isAlive(postmaster)).toBe(false);
    await rm(dataDir, { recursive: true, force: true });
  }, 60_000);
});
