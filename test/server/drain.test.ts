import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchOverPost } from '../api/transports.ts';
import { createDatabase, type TestDatabase } from '../database.ts';
import { startInstance } from '../harness.ts';
import { LiveStream } from '../live-stream.ts';
import { until } from '../wait.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

test('an instance that is to end serves everybody for the configured time, and says that it drains', async () => {
  const app = await startInstance({ databaseUrl: database.url, config: { drainDelayMs: 5000 } });
  const ready = async () => {
    const response = await fetch(`${app.url}/ready`);
    return { ...((await response.json()) as object), status: response.status };
  };
  expect(await ready()).toMatchObject({ status: 200, draining: false });
  const drained = app.drain();
  expect(await ready()).toMatchObject({ status: 503, draining: true, database: 'up' });
  const answer = await fetchOverPost(app.url, { query: '{ viewer { id } }' });
  expect(await answer.json()).toEqual({ data: { viewer: null } });
  // Whoever asks again asks another instance.
  expect(answer.headers.get('connection')).toBe('close');
  const stream = LiveStream.open(app.url, null, 'subscription { scheduleFeed { __typename } }', {});
  await until(() => app.fanOut?.stats.operations === 1, { what: 'a subscription' });
  await drained;
  expect(stream.closeCode).toBe(1012);
  await expect(ready()).rejects.toThrow();
});

test('a connection on which nobody says anything does not keep an instance from its end', async () => {
  const app = await startInstance({ databaseUrl: database.url });
  const { hostname, port } = new URL(app.url);
  const silent = connect({ host: hostname, port: Number(port) });
  let over = false;
  silent.once('close', () => {
    over = true;
  });
  await until(() => silent.readyState === 'open', { what: 'a connection' });
  // Far longer than this test may take.
  await app.drain(600_000);
  await until(() => over, { what: 'the end of the connection' });
});
