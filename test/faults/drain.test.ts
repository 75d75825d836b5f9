import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { isAlive } from '../../src/db/embedded/processes.ts';
import { decodeGlobalId } from '../../src/global-id.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { postmasterOf } from './breakable-postgres.ts';
import { root, useCluster } from './cluster.ts';
import { EventStream } from './event-stream.ts';
import { accepts, begin } from './instance.ts';
import { readLog } from './oracle.ts';
import { hold, select } from './sql.ts';
import { setStage } from './stage.ts';
import { feedDocument, Watcher } from './swarm.ts';

describeRedis('an instance gets SIGTERM', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url, instances: 1 });

  /** Locks the feed's row: a message to the event waits for it inside its transaction. */
  async function holdFeed(eventId: string) {
    const feed = `event:${decodeGlobalId(eventId).id}`;
    const { letGo } = await hold(cluster.databaseUrl, ['SELECT 1 FROM "Feed" WHERE name = $1 FOR UPDATE', [feed]]);
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    // Asked outside the holder's transaction, which would go on seeing the activity it saw first.
    const waits = async () => (await select(cluster.databaseUrl, waiting)).length > 0;
    return {
      makesWait: () => until(waits, { what: 'a message to wait for the lock' }),
      letGo,
    };
  }

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

    const hold = await holdFeed(eventId);
    const inFlight = author?.mutate('sendMessage', { eventId, text: 'in flight' }, 'sentMessage { text }');
    await hold.makesWait();

    const ending = leaving.endBy('SIGTERM');
    await until(() => watcher.closes.length > 0, { what: 'the socket to be closed' });
    await until(() => stream.over, { what: 'the stream to end' });
    const ready = await leaving.ready().catch(() => null);
    expect(ready?.httpStatus ?? 503).toBe(503);
    expect(leaving.alive).toBe(true);
    await hold.letGo();

    expect(await inFlight).toMatchObject({ sentMessage: { text: 'in flight' } });
    const { code, signal, afterMs } = await ending;
    await until(() => watcher.received.length === 2, { what: 'the message on the other instance' });
    await watcher.close();
    console.log(`drain: exit code ${code} after ${Math.round(afterMs)} ms, sockets closed with ${watcher.closes[0]}`);
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(watcher.closes[0]).toBe(1012);
    expect(stream.completed).toBe(true);
    expect(watcher.received.map(({ text }) => text)).toEqual(['before', 'in flight']);
    expect(await readLog(cluster.databaseUrl, eventId, watcher.received[0]?.sequence)).toHaveLength(1);
  });

  test('work that does not end does not keep it from leaving in time', async () => {
    const leaving = await cluster.start();
    const { eventId, participants } = await setStage(cluster, { participants: 1 });
    const hold = await holdFeed(eventId);
    const endless = participants[0]?.at(leaving.url).mutate('sendMessage', { eventId, text: 'endless' });
    const failed = expect(endless).rejects.toThrow();
    await hold.makesWait();
    const { code, afterMs } = await leaving.endBy('SIGTERM');
    await failed;
    await hold.letGo();
    console.log(`drain with work that does not end: exit code ${code} after ${Math.round(afterMs)} ms`);
    expect(code).toBe(0);
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
  });

  test.each(['when it is ready', 'while it starts'])('it takes its embedded PostgreSQL along, %s', async (moment) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'ovation-embedded-'));
    // PostgreSQL's own account must get through, or its data would be moved elsewhere.
    await chmod(dataDir, 0o755);
    const started = begin(root, {
      NODE_ENV: 'test',
      PORT: '0',
      SEED: 'false',
      LOG_LEVEL: 'warn',
      DATA_DIR: dataDir,
    });
    const pidFile = join(dataDir, 'postgres/cluster/postmaster.pid');
    const postmaster = await until(() => existsSync(pidFile) && (postmasterOf(dirname(pidFile)) || null), {
      limitMs: 30_000,
      what: 'PostgreSQL to start',
    });
    expect(isAlive(postmaster)).toBe(true);
    if (moment === 'when it is ready') await accepts(started);
    const gone = once(started.child, 'exit');
    started.child.kill('SIGTERM');
    expect(await gone, started.output()).toEqual([0, null]);
    await until(() => !isAlive(postmaster), { what: 'PostgreSQL to end' });
    await rm(dataDir, { recursive: true, force: true });
  });
});
